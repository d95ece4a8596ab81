"""What people, schools and towns are called.

A word list per heritage, so that a family is believable as a whole, with the letters that break
careless software: accents inside and outside Latin-1, apostrophes, hyphens, spaces, one letter.
"""

from dataclasses import dataclass
from itertools import accumulate
from random import Random


@dataclass(frozen=True, slots=True)
class Heritage:
    """Given and family names that go together; `doubled` joins two family names, or is blank."""

    weight: int
    given: tuple[str, ...]
    family: tuple[str, ...]
    doubled: str = ""


def _words(text: str) -> tuple[str, ...]:
    """What stands between commas; a name of several words may break across lines."""
    return tuple(" ".join(word.split()) for word in text.split(","))


HERITAGES = (
    Heritage(
        30,
        _words("""Emma, Liam, Olivia, Noah, Ava, Mason, Sophia, Logan, Harper, Ethan, Ella, Jack,
            Grace, Owen, Chloe, Caleb, Hannah, Wyatt, Abigail, Henry, Lily, Carter, Zoë,
            Anne-Marie, Mary Kate, Jo, Lucas, Nora, Hudson, Hazel, Eli, Violet"""),
        _words("""Smith, Johnson, Miller, Anderson, Clark, Walker, Young, Wright, Baker, Carter,
            Parker, Evans, Collins, Stewart, Morris, Cook, Bell, Cooper, Richardson, Ward,
            Brooks, Price, Hayes, Fisher, Barnes, Hale, Whitaker, St. Clair, Vance,
            Lindqvist, Ashworth"""),
        "-",
    ),
    Heritage(
        24,
        _words("""Sofía, Mateo, Camila, Santiago, Valentina, Diego, Isabella, Ángel, Lucía, José,
            Ximena, Luis, María José, Andrés, Mía, Emiliano, Renata, Julián, Daniela, Óscar,
            Guadalupe, Iñaki, Esperanza, Joaquín"""),
        _words("""García, Hernández, Martínez, López, González, Rodríguez, Pérez, Sánchez,
            Ramírez, Torres, Flores, Rivera, Gómez, Díaz, Reyes, Morales, Cruz, Ortiz,
            Gutiérrez, Chávez, Ramos, Muñoz, Ibáñez, De la Cruz, Núñez, Peña, Zúñiga, Del
            Río"""),
        " ",
    ),
    Heritage(
        12,
        _words("""Jayden, Aaliyah, Malik, Imani, Darius, Nia, Isaiah, Kiara, Xavier, Destiny,
            Tyrone, Ja'Kai, De'Andre, Amari, Zuri, Terrence, Janelle, Marcus, Simone, Elijah"""),
        _words("""Washington, Jefferson, Banks, Booker, Freeman, Coleman, Mosley, Gaines, Dorsey,
            Pettway, Hollis, Toussaint, Baptiste, Charles, Ransom, Holloway, Broadnax"""),
        "-",
    ),
    Heritage(
        5,
        _words(
            """Anh, Minh, Thảo, Khôi, Linh, Đức, Phương, Huy, Trâm, Quân, Ngọc, Bảo, Vy, Tuấn"""
        ),
        _words("""Nguyễn, Trần, Lê, Phạm, Huỳnh, Vũ, Đặng, Bùi, Đỗ, Hồ, Ngô, Dương"""),
    ),
    Heritage(
        5,
        _words(
            """Wei, Mei, Jun, Xinyi, Hao, Yan, Lihua, Zihan, Ming, Yuxuan, Cheng, Ai, Kai-Wen"""
        ),
        _words("""Chen, Wang, Li, Zhang, Liu, Huang, Lin, Wu, Xu, Lü, Zhao, Ou, Tsai, Au-Yeung"""),
    ),
    Heritage(
        5,
        _words("""Aarav, Ananya, Arjun, Diya, Ishaan, Kavya, Rohan, Priya, Vihaan, Saanvi,
            Harpreet, Gurleen, Rahul, Meera, Zara, Ayaan"""),
        _words("""Patel, Singh, Sharma, Gupta, Reddy, Iyer, Kaur, Desai, Nair, Mehta, Chowdhury,
            Rao, Venkataraman, Krishnamurthy, Khan, Subramanian"""),
    ),
    Heritage(
        4,
        _words("""Omar, Layla, Yusuf, Fatima, Ahmed, Noor, Ali, Maryam, Hassan, Amina, Khalid,
            Salma, Abd al-Rahman, Rania"""),
        _words("""Al-Masri, Haddad, Nasser, El-Amin, Khoury, Mansour, Saleh, Abdi, Farah, Warsame,
            bin Yusuf, Osman, Al Hakim, Shaheen"""),
    ),
    Heritage(
        4,
        _words("""Aoife, Seán, Niamh, Conor, Siobhán, Declan, Róisín, Finn, Ciarán, Maeve, Brigid,
            Patrick, Eoin, Órla"""),
        _words("""O'Brien, O'Connor, Murphy, Kelly, Ó Súilleabháin, McCarthy, MacDonald, Byrne,
            O'Shea, Fitzgerald, Ní Dhomhnaill, McAllister, Quinn, D'Arcy"""),
    ),
    Heritage(
        4,
        _words("""Zofia, Jakub, Łucja, Wojciech, Małgorzata, Stanisław, Jiří, Tereza, Ludmila,
            Ivan, Dmytro, Oksana, Željko, Ana, Miloš, Ágnes, László"""),
        _words("""Kowalski, Wójcik, Nowak, Dvořák, Černý, Shevchenko, Kovács, Szabó, Horvat,
            Petrović, Jović, Zieliński, Włodarczyk, Novotná, Bondarenko"""),
    ),
    Heritage(
        4,
        _words("""Chinedu, Ngozi, Kwame, Abena, Tunde, Folasade, Ifeoma, Emeka, Yaa, Oluwaseun,
            Amara, Kofi, Temitope, Adaeze"""),
        _words("""Okafor, Adeyemi, Mensah, Owusu, Eze, Okonkwo, Balogun, Asante, Nwosu, Diallo,
            N'Diaye, Boateng, Traoré, Oyelowo"""),
    ),
    Heritage(
        3,
        _words("""Min-jun, Seo-yeon, Ji-ho, Ha-eun, Do-yun, Su-bin, Yuki, Haruto, Sakura, Ren,
            Kenji, Hye-jin, Aoi, Jae"""),
        _words("""Kim, Park, Choi, Jung, Kang, Yoon, Tanaka, Sato, Watanabe, Yamamoto, Ōta, Saitō,
            Lim, Shin"""),
    ),
    Heritage(
        3,
        _words("""Ka\u02bbiulani, Keanu, Leilani, Makoa, Nalani, Kainoa, Sione, Mele, Tavita,
            Malia, Jose Maria, Maricel, Jhun, Ligaya"""),
        _words("""Kahananui, Kealoha, Kāne, Kamakawiwo\u02bbole, Tuilagi, Fa'asavalu, Tupou,
            Santos, Dela Cruz, Bautista, Villanueva, Macapagal, Lokelani"""),
    ),
    Heritage(
        3,
        _words("""Dakota, Cheyenne, Aiyana, Tala, Winona, Nizhoni, Chayton, Kaya, Shándíín, Wes,
            Tyee, Ashkii"""),
        _words("""Begay, Yazzie, Tsosie, Whitehorse, Standing Bear, Two Bulls, Benally, Red Cloud,
            Nez, Running Wolf, Locklear, Manygoats"""),
    ),
    Heritage(
        3,
        _words("""Élise, François, Chloé, Jean-Luc, Maëlle, Théo, Noémie, Björn, Åsa, Søren,
            Jürgen, Käthe, Freyja, Anaïs, Benoît, Günther"""),
        _words("""Lefèvre, Dubois, Côté, Bélanger, Müller, Schröder, Weiß, van der Berg, de Vries,
            Åkesson, Øster, Jørgensen, Þórsdóttir, D'Aoust, L'Écuyer, Bjørnstad"""),
    ),
)

#: What stands behind a name after a comma, so that the cell needs quotes.
SUFFIXES = (", Jr.", ", III", ", II", ", IV")

#: Names that many children go by.
NICKNAMES = {
    "Abigail": "Abby",
    "Olivia": "Liv",
    "Elijah": "Eli",
    "Isabella": "Bella",
    "Santiago": "Santi",
    "Guadalupe": "Lupe",
    "María José": "Majo",
    "Oluwaseun": "Seun",
    "Temitope": "Temi",
    "Małgorzata": "Gosia",
    "Terrence": "T.J.",
    "Patrick": "Paddy",
    "Henry": "Hank",
    "Harpreet": "Harry",
    "Valentina": "Val",
    "Xavier": "Xavi",
    "Stanisław": "Staś",
}

#: The first half of a place name ...
PLACES = _words("""Cedar, Maple, Amber, Granite, Willow, Summit, Cypress, Juniper, Lupine, Copper,
    Eagle, Silver, Aspen, Birch, Canyon, Clover, Cottonwood, Desert, Elk, Fox, Golden, Heron,
    Hickory, Indigo, Iron, Lake, Laurel, Lone, Magnolia, Marble, Mill, Mission, Oak, Orchard,
    Osprey, Pine, Pioneer, Pleasant, Poplar, Quail, Red, River, Rocky, Rose, Sage, Sand, Shadow,
    Sierra, Flint, Stone, Sugar, Sunset, Sycamore, Timber, Tule, Thunder, Vista, Walnut, Whisper,
    Wolf""")
#: ... and the second.
FEATURES = _words("""Ridge, Valley, Creek, Grove, Hill, View, Park, Bend, Hollow, Crossing, Springs,
    Point, Bluff, Run, Field, Trail, Falls, Glen, Terrace, Landing, Forks, Brook, Mesa, Flats, Gate,
    Haven, Heights, Knoll, Butte, Shore, Woods, Meadows, Pass, Prairie, Rapids, Cove, Bridge, Cliff,
    Dale, Harbor""")

_HERITAGE_UP_TO = tuple(accumulate(heritage.weight for heritage in HERITAGES))


def any_heritage(rng: Random) -> Heritage:
    """One of them, as likely as it is common."""
    return rng.choices(HERITAGES, cum_weights=_HERITAGE_UP_TO)[0]


def family_name(heritage: Heritage, rng: Random) -> str:
    """A family name, sometimes double."""
    name = rng.choice(heritage.family)
    if heritage.doubled and rng.random() < (0.35 if heritage.doubled == " " else 0.05):
        other = rng.choice(heritage.family)
        return name if other == name else name + heritage.doubled + other
    return name


def given_name(heritage: Heritage, rng: Random) -> str:
    """A given name: usually the family's own, sometimes the country's."""
    return rng.choice((heritage if rng.random() < 0.75 else HERITAGES[0]).given)


def place_name(number: int, turn: int) -> str:
    """The place with this number: no two of the first 2,400 are alike; `turn` shuffles them."""
    at = (number * 1_117 + turn) % (len(PLACES) * len(FEATURES))
    return f"{PLACES[at % len(PLACES)]} {FEATURES[at // len(PLACES)]}"
