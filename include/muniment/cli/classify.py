"""`muniment classify ...`: what persons decide of single posts and comments that the content checks ask about."""

from __future__ import annotations

import argparse
from typing import Any

from muniment.cli.classify_text import class_json, count_kinds, item_json, locate, spell_match, spell_time
from muniment.cli.output import print_json, print_table
from muniment.policy.content.personal_data import Kind
from muniment.policy.content.similarity import Label
from muniment.policy.scene import Scene
from muniment.workflows.policy.logo import attest_logo
from muniment.workflows.policy.reviewing import (
    RULES,
    Opinion,
    allow_matches,
    decide_class,
    find_post,
    list_classes,
    list_flagged,
    list_matches,
    read_scene,
    review_flag,
    withdraw_match,
)
from muniment.workflows.wiring import Workplace, open_workplace

DESCRIPTION = """\
Have the last word on what the content checks cannot decide: whether a post is original or reflects
the website, whether what looks like personal data is, and that counsel has read what a member of a
legislative body said. Each decision is sealed, with who took it and why.

  muniment classify list --agency claremont                  posts that wait for a person
  muniment classify show --agency claremont --item 0f3a91c2  one of them, beside its nearest article
  muniment classify decide --agency claremont --item 0f3a91c2 --class original \\
      --by "D. Okafor" --reason "Said nowhere else"
  muniment classify matches --agency claremont               posts that seem to carry personal data
  muniment classify allow --agency claremont --item 77b0d1e4 --kind telephone-number \\
      --by "D. Okafor" --reason "The library's desk"
  muniment classify flags --agency claremont                 comments by members, for counsel
  muniment classify review --agency claremont --item 5ce2a990 --rule statute \\
      --by "R. Ames, City Attorney" --reason "No matter before the body"
  muniment classify logo --agency claremont --account bluesky-city \\
      --by "D. Okafor" --reason "The seal, as the platform gives it out"

`list`, `matches` and `flags` show no text: `show` does, for whoever must judge it. A decision on a
class holds for the words that it was taken over: a post edited since is asked about again.

Exit code: 0 when nothing waits, or it is done; 1 when something waits; 2 when it could not be done."""
_ACTIONS = {
    "list": "list the posts of which a person must say what they are; with --all every post",
    "show": "show a post, and the article that is most like it",
    "decide": "say what a post is: it is the last word until the post is edited",
    "matches": "list the posts that seem to carry personal data, without what they say",
    "allow": "say that what looks like personal data in a post is none, there and elsewhere",
    "withdraw": "take back what was allowed",
    "flags": "list comments by members of legislative bodies that counsel has not reviewed",
    "review": "say that counsel has reviewed a comment",
    "logo": "attest that a picture of an account's captured profile is the logo",
}
_DECIDING = ("decide", "allow", "withdraw", "review", "logo")


_OPTIONS: dict[str, dict[str, dict[str, Any]]] = {
    "list": {"--all": {"action": "store_true", "help": "every post, with what it is"}},
    "decide": {
        "--class": {
            "dest": "label",
            "required": True,
            "choices": [label.value for label in Label if label is not Label.UNDETERMINED],
            "help": "what the post is",
        },
        "--article": {"help": "the address of the article that it reflects, where not the one shown"},
    },
    "allow": {
        "--kind": {"required": True, "choices": [kind.value for kind in Kind], "help": "what it looks like"},
    },
    "withdraw": {"--match": {"required": True, "help": "the hash of what was allowed, as its event has it"}},
    "logo": {
        "--account": {"required": True, "help": "whose profile shows it"},
        "--picture": {"help": "the beginning of the picture's SHA-256, where the profile has several"},
    },
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, line in _ACTIONS.items():
        action = actions.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}.")
        action.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
        _add_own(name, action)
        action.add_argument("--json", action="store_true", help="print the result as JSON")


def _add_own(name: str, action: argparse.ArgumentParser) -> None:
    if name in {"show", "decide", "allow", "review"}:
        action.add_argument("--item", required=True, help="the item, as the lists name it")
    if name in _DECIDING:
        action.add_argument("--by", required=True, help="the name of who decides")
        action.add_argument("--reason", required=True, help="why")
    if name in {"flags", "review"}:
        action.add_argument(
            "--rule", choices=list(RULES), required=name == "review", help="the policy's or the statute's"
        )
    for option, more in _OPTIONS.get(name, {}).items():
        action.add_argument(option, **more)


def run(args: argparse.Namespace) -> int:
    """Do what the action says, and return the exit code."""
    place = open_workplace(args.agency)
    return act(args, place, read_scene(place))


def act(args: argparse.Namespace, place: Workplace, scene: Scene) -> int:
    """Do what the action says of *scene* at *place*, and return the exit code."""
    if args.action in _DECIDING:
        return _decide(args, place, scene)
    return {"list": _list, "show": _show, "matches": _matches, "flags": _flags}[args.action](args, scene)


def _decide(args: argparse.Namespace, place: Workplace, scene: Scene) -> int:
    opinion = Opinion(by=args.by, reason=args.reason)
    if args.action == "decide":
        label = Label(args.label)
        keys = [decide_class(place, scene, args.item, label=label, article=args.article, opinion=opinion)]
    elif args.action == "allow":
        keys = list(allow_matches(place, scene, args.item, kind=args.kind, opinion=opinion))
    elif args.action == "logo":
        keys = [attest_logo(place, scene, args.account, picture=args.picture, opinion=opinion)]
    elif args.action == "withdraw":
        keys = [withdraw_match(place, scene, args.match, opinion=opinion)]
    else:
        keys = [review_flag(place, scene, args.item, rule=args.rule, opinion=opinion)]
    if args.json:
        print_json({"sealed": keys})
    else:
        print("\n".join(f"Sealed as {key}." for key in keys))
    return 0


def _list(args: argparse.Namespace, scene: Scene) -> int:
    found = list_classes(scene, everything=args.all)
    if args.json:
        print_json([class_json(one) for one in found])
    else:
        zone = scene.agency.zone
        print_table(
            ("item", "account", "published", "is", "by", "share", "nearest article", "post"),
            [(*locate(one.post, zone), *spell_match(one), one.post.url or "") for one in found],
            empty="No post waits for a person." if not args.all else "No post is captured.",
        )
    return 1 if any(one.match.label is Label.UNDETERMINED for one in found) else 0


def _show(args: argparse.Namespace, scene: Scene) -> int:
    found, article = find_post(scene, args.item)
    texts = {"post": found.post.text or "", "nearest": None if article is None else article.text or ""}
    if args.json:
        print_json({**class_json(found), **texts})
        return 0
    item, account, published = locate(found.post, scene.agency.zone)
    label, by, share, address = spell_match(found)
    print(f"{item}  {account}, {published} by the clock of {scene.agency.zone}: {label}, by {by}.")
    print(f"\n{texts['post'] or '(no words)'}\n")
    if article is None:
        print("No article is like it.")
    else:
        print(f"{address}, {spell_time(article.published_at, scene.agency.zone)}, has {share} of its words:")
        print(f"\n{texts['nearest']}")
    return 0


def _matches(args: argparse.Namespace, scene: Scene) -> int:
    found = list_matches(scene)
    if args.json:
        print_json([{**item_json(post), "kinds": count_kinds(matches)} for post, matches in found])
    else:
        print_table(
            ("item", "account", "published", "seems to carry", "post"),
            [
                (
                    *locate(post, scene.agency.zone),
                    ", ".join(f"{number} {kind}" for kind, number in count_kinds(matches).items()),
                    post.url or "",
                )
                for post, matches in found
            ],
            empty="No post seems to carry personal data.",
        )
    return 1 if found else 0


def _flags(args: argparse.Namespace, scene: Scene) -> int:
    found = [(rule, item) for rule in RULES if args.rule in {None, rule} for item in list_flagged(scene, rule)]
    if args.json:
        shown = ("item", "account", "snapshot", "published_at")
        print_json([{"rule": rule, **{name: item_json(item)[name] for name in shown}} for rule, item in found])
    else:
        print_table(
            ("rule", "item", "account", "published", "snapshot"),
            [(rule, *locate(item, scene.agency.zone), item.snapshot) for rule, item in found],
            empty="No comment of a member waits for counsel.",
        )
    return 1 if found else 0
