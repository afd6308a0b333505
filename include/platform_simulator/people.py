"""Invented names for crowds: nobody is meant by any of them."""

from __future__ import annotations

from collections.abc import Iterator

from platform_simulator.ids import chance

_GIVEN = tuple(
    """
    Abena Ada Ajay Alba Amira Anselm Asha Benat Bo Cai Carmen Cleo Daria Delmar Dov Eilis Emeka Esme
    Farid Fenna Gael Gita Haru Hedda Ilan Ines Ivo Jalen Jun Kaia Kofi Leda Lupe Mael Mei Nadia Nilo
    Noor Odile Omar Oona Pilar Quill Rafa Rania Remy Rosa Sanna Sefa Suri Tadeo Tala Teo Umi Vera Wren
    Xochitl Yara Yusuf Zuri
    """.split()  # noqa: SIM905
)
_FAMILY = tuple(
    """
    Abara Alderly Arroyo Baptista Bexley Brisenio Calloway Cendrars Corvina Dalisay Delacruz Dunmore
    Eastwick Ekwueme Farrant Fontanez Galindez Greaves Halvarsen Hidalga Ibarrola Inagaki Jaspers
    Joubert Kalani Kowalke Lindqvar Lozada Marchetto Mbatha Nakamori Nieblas Okonjor Ordaz Pellerin
    Poblano Quintara Radomski Rosales Sandoval Sotelo Tamsin Tavares Ueyama Urbina Valdesol Vosk Wairimu
    Westerly Xiomar Yamasaki Yorke Zabala Zelenko
    """.split()  # noqa: SIM905
)


def crowd(seed: str, number: int) -> Iterator[tuple[str, str]]:
    """Yield *number* pairs of key and name, no key twice, always the same for *seed*."""
    for index in range(number):
        draw = chance(seed, "crowd", str(index))
        given, family = _GIVEN[draw % len(_GIVEN)], _FAMILY[(draw >> 16) % len(_FAMILY)]
        yield f"{given}-{family}-{index + 1}".lower(), f"{given} {family}"
