"""Posts and articles of invented cities, each post with the label that a person gave it, by reading."""
# ruff: noqa: E501 -- a text stands on its line, as it was posted

from __future__ import annotations

R, M, O = "reflects-official-source", "mixed", "original"  # noqa: E741

ARTICLES = {
    "water-main": "Water main work on Second Street\n\nCrews replace 420 feet of main between Yale and Harvard. Expect one lane until Friday.",
    "library": "New library hours\n\nFrom December the library opens at 9 a.m. on Saturdays. La biblioteca abre a las 9 los sábados.",
    "agenda": "Agenda for the November council meeting\n\nThe agenda and staff reports are posted. Public comment opens at 6:30 p.m. in the Council Chamber.",
    "boil-lifted": "Precautionary boil notice lifted\n\nTests of both samples are clear. Tap water on Base Line Road is safe to drink.",
    "coyotes": "Living with coyotes\n\nKeep cats in at night, and fruit off the ground.",
    "parcel": "Notice of public hearing, parcel 8315-014\n\nThe Planning Commission hears the application on the first Tuesday of the month.",
    "tree-lighting": "Tree lighting on the plaza\n\nCocoa, carols & a fire truck. Bring a lantern.",
    "budget": "Mid-year budget hearing\n\nDocuments for the hearing are at the clerk's counter and on this site.",
    "fire": "Fire season extended\n\nPermits for open flames stay suspended in the canyon.",
    "sweeping": "Street sweeping calendar\n\nThe calendar for 2027 is out; odd sides on Tuesdays.",
    "police-report": (
        "Police Department publishes its annual report\n\nThe Claremont Police Department has published its annual report for 2025. Calls for service "
        "rose by four percent, to 31,204. Burglaries of homes fell for the third year in a row, while thefts from vehicles rose, mostly in parking lots "
        "near the trailheads. The average response time to emergency calls was five minutes and twelve seconds. The department filled six vacancies, "
        "trained every officer in crisis intervention, and opened a bicycle unit for the Village. The report also lists complaints by the public and their "
        "outcome, the use of automated license plate readers, and the grants received. A paper copy may be read at the library and at the front desk of the "
        "station, 570 West Bonita Avenue. Questions may be sent to the department until the Council hears the report on March 10."
    ),
    "parks-plan": (
        "Parks master plan: second workshop\n\nResidents are invited to the second workshop on the parks master plan on Saturday, April 18, from 10 a.m. to noon at "
        "the Hughes Center, 1700 Danbury Road. The consultant will show three options for Wheeler Park, two for the skate park, and a first estimate of costs. "
        "Child care and interpretation into Spanish and Mandarin are provided. Those who cannot come may answer the survey online until May 1."
    ),
    "rent-relief": (
        "Applications for rent relief open on Monday\n\nThe City has set aside 300,000 dollars to help tenants who fell behind with their rent after a loss of income. "
        "Households with less than sixty percent of the area median income may apply from Monday, February 2, until the fund is spent. Payments of up to 3,000 dollars "
        "go to the landlord directly. Bring a lease, proof of income and a letter from the landlord to the Joslyn Center."
    ),
    "heat": "Cooling centers open\n\nBecause of the heat advisory the Hughes Center is open from 10 a.m. to 8 p.m. through Thursday. Water and shade; pets welcome.",
}

# (text of the post, label, the article that a reflecting or mixed one rests on)
POSTS = (
    ("Second Street: one lane between Yale and Harvard until Friday, for the water main.", R, "water-main"),
    (
        "Water main work on Second Street: crews replace 420 feet of main between Yale and Harvard. One lane until Friday 🚧",
        R,
        "water-main",
    ),
    (
        "From December the library opens at 9 a.m. on Saturdays. La biblioteca abre a las 9 los sábados. 📚",
        R,
        "library",
    ),
    ("La biblioteca abre a las 9 los sábados. 📚 #Biblioteca", R, "library"),
    ("The agenda for the November council meeting is posted, with staff reports. #CityCouncil", R, "agenda"),
    (
        "Precautionary boil notice lifted! Both samples are clear: tap water on Base Line Road is safe to drink. 💧",
        R,
        "boil-lifted",
    ),
    ("Living with coyotes 🐺 Keep cats in at night and fruit off the ground.", R, "coyotes"),
    ("Tree lighting on the plaza: cocoa, carols and a fire truck. Bring a lantern! ✨", R, "tree-lighting"),
    ("FIRE SEASON EXTENDED. Permits for open flames stay suspended in the canyon.", R, "fire"),
    ("The street sweeping calendar for 2027 is out: odd sides on Tuesdays.", R, "sweeping"),
    (
        "Our annual report is out: calls for service rose by four percent, burglaries of homes fell for the third year in a row.",
        R,
        "police-report",
    ),
    (
        "The Police Department has opened a bicycle unit for the Village and trained every officer in crisis intervention.",
        R,
        "police-report",
    ),
    (
        "Second workshop on the parks master plan: Saturday, April 18, 10 a.m. to noon, Hughes Center. Child care and interpretation provided.",
        R,
        "parks-plan",
    ),
    (
        "Tenants who fell behind with their rent may apply for relief from Monday, February 2. Bring a lease and proof of income to the Joslyn Center.",
        R,
        "rent-relief",
    ),
    (
        "Rent relief: payments of up to 3,000 dollars go to the landlord directly. Applications open on Monday.",
        R,
        "rent-relief",
    ),
    ("Cooling center: the Hughes Center is open from 10 a.m. to 8 p.m. through Thursday. Pets welcome.", R, "heat"),
    (
        "Water main work on Second Street. Crews replace 420 feet of main between Yale and Harvard. We know that the shops worry: "
        "the Mayor has asked the contractor to stop at noon on Small Business Saturday, and parking in the structure will be free all weekend long.",
        M,
        "water-main",
    ),
    (
        "Living with coyotes: keep cats in at night, and fruit off the ground. Three were seen on Mountain Avenue this morning, one limping; "
        "if you meet her, please do not feed her and tell Animal Services.",
        M,
        "coyotes",
    ),
    (
        "Tree lighting on the plaza! Cocoa, carols & a fire truck. Bring a lantern. The high school choir was stuck on the bus last year, "
        "so this time they rehearse downtown all afternoon and everybody may listen.",
        M,
        "tree-lighting",
    ),
    (
        "Precautionary boil notice lifted on Base Line Road, numbers 200 to 480. Tests of both samples are clear, tap water is safe.",
        M,
        "boil-lifted",
    ),
    ("The street sweeping calendar for 2026 is out; odd sides on Tuesdays.", M, "sweeping"),
    ("Hello! This is the City of Claremont. We answer on weekdays; for emergencies call 911.", O, None),
    ("Our street tree inventory is public: 24,310 trees, 271 species. #UrbanForest", O, None),
    ("Morning light over the canyon trail. Dogs on a leash, please.", O, None),
    (
        "Outdoor watering moves to three days a week: Monday, Wednesday, Saturday. No watering between 9 a.m. and 5 p.m.",
        O,
        None,
    ),
    (
        "Aviso de calor: el centro comunitario abre de 10 a 20 h como lugar fresco. Beban agua y cuiden a sus vecinos mayores.",
        O,
        None,
    ),
    (
        "Sidewalk repair begins on College Avenue. Crews work 7 a.m. to 3 p.m.; ramps stay open for wheelchairs and strollers.",
        O,
        None,
    ),
    ("Found near Memorial Park: one tortoise, calm, fond of hibiscus. Call Animal Services.", O, None),
    ("Town hall with the police chief on Thursday at 7 p.m., Hughes Center. Questions may be sent in before.", O, None),
    ("The 7:42 train is 20 minutes late today because of work at the crossing on Indian Hill.", O, None),
    ("Pizza boxes: yes if empty, no if greasy. Batteries: never in a bin.", O, None),
    (
        "The Council adopted the tree ordinance 4 to 1. It takes effect in 30 days. Minutes follow when approved.",
        O,
        None,
    ),
    (
        "Foothill Boulevard is closed between Mills and Towne on Sunday, 6 a.m. to 2 p.m., for the half marathon.",
        O,
        None,
    ),
    (
        "Power is out north of Base Line Road. The utility expects to restore it by 9 p.m. Traffic lights: treat as a four-way stop.",
        O,
        None,
    ),
    (
        "Precautionary boil notice for Base Line Road: bring tap water to a boil for one minute before drinking. Tests are under way.",
        O,
        None,
    ),
    (
        "The Police Department mourns Officer Whitcombe, who served the Village for thirty years. Flags at the station fly at half staff.",
        O,
        None,
    ),
    ("Is your rent late? The library has a free class on household budgets on Monday evening.", O, None),
    (
        "The skate park is closed today: somebody poured paint on the ramps. Crews expect to be done by Saturday.",
        O,
        None,
    ),
    ("Water is back on Second Street. Thank you for your patience with the crews!", O, None),
    ("Parking in the Village is free on Saturdays in December.", O, None),
    ("Public hearing on the budget moved to Thursday; the Council Chamber is being painted.", O, None),
    ("The department will hold a workshop on license plate readers and their use at the library.", O, None),
)
