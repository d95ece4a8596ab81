"""The course catalogue: what is taught to whom, for how long and to how many at once.

A table. The grades decide who may take a course, `size` from how many students on a school bothers
to offer it, `weight` how many ask for it. Kindergarten is grade 0.
"""

from dataclasses import dataclass

from rosterway.sandbox.district.sessions import Span

ENGLISH, MATHEMATICS, SCIENCE, HISTORY, SPORT = "ELA", "MTH", "SCI", "SOC", "PHE"
LANGUAGES, ARTS, CAREERS = "WLG", "ART", "CTE"

#: What everybody takes in a timetable, one course each; electives fill the other periods.
REQUIRED = (ENGLISH, MATHEMATICS, SCIENCE, HISTORY, SPORT)
ELECTIVE = (LANGUAGES, ARTS, CAREERS)
SUBJECTS = {
    ENGLISH: "English Language Arts",
    MATHEMATICS: "Mathematics",
    SCIENCE: "Science",
    HISTORY: "Social Studies",
    SPORT: "Physical Education and Health",
    LANGUAGES: "World Languages",
    ARTS: "Arts",
    CAREERS: "Career and Technical Education",
    "MUS": "Arts",
    "HRM": "Homeroom",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One course of the catalogue, for grades `lowest` to `highest`."""

    code: str
    title: str
    subject: str
    lowest: int
    highest: int
    seats: int = 30
    span: Span = Span.YEAR
    weight: int = 10
    size: int = 0

    @property
    def grades(self) -> tuple[int, ...]:
        """The grades that may take it."""
        return tuple(range(self.lowest, self.highest + 1))


_HOMEROOM_GRADES = range(7)
_YEAR, _HALF, _QUARTER = Span.YEAR, Span.SEMESTER, Span.QUARTER


def _grade_name(grade: int) -> str:
    return f"Grade {grade}" if grade else "Kindergarten"


#: Taught by the homeroom teacher to the homeroom, grade by grade.
HOMEROOM = {
    grade: (
        Entry(f"HRM{grade:02d}1", f"{_grade_name(grade)} Homeroom", "HRM", grade, grade),
        Entry(f"ELA{grade:02d}1", f"{_grade_name(grade)} Language Arts", ENGLISH, grade, grade),
        Entry(f"MTH{grade:02d}1", f"{_grade_name(grade)} Mathematics", MATHEMATICS, grade, grade),
        Entry(f"SCI{grade:02d}1", f"{_grade_name(grade)} Science & Society", SCIENCE, grade, grade),
    )
    for grade in _HOMEROOM_GRADES
}

#: Taught by specialists to one homeroom after the other.
SPECIALS = {
    grade: (
        Entry(f"ART{grade:02d}3", f"{_grade_name(grade)} Art", "ART", grade, grade),
        Entry(f"MUS{grade:02d}3", f"{_grade_name(grade)} Music", "MUS", grade, grade),
        Entry(f"PHE{grade:02d}3", f"{_grade_name(grade)} Physical Education", SPORT, grade, grade),
    )
    for grade in _HOMEROOM_GRADES
}

#: Taught by period.
TIMETABLED = (
    Entry("ELA060", "English 6", ENGLISH, 6, 6),
    Entry("ELA070", "English 7", ENGLISH, 7, 7),
    Entry("ELA080", "English 8", ENGLISH, 8, 8),
    Entry("ELA088", "Honors English 8", ENGLISH, 8, 8, 28, weight=3, size=500),
    Entry("ELA090", "English I", ENGLISH, 9, 9),
    Entry("ELA098", "Honors English I", ENGLISH, 9, 9, 28, weight=4, size=400),
    Entry("ELA100", "English II", ENGLISH, 10, 10),
    Entry("ELA108", "Honors English II", ENGLISH, 10, 10, 28, weight=4, size=400),
    Entry("ELA110", "English III: American Literature", ENGLISH, 11, 11),
    Entry("ELA119", "AP English Language & Composition", ENGLISH, 11, 11, 26, weight=4, size=300),
    Entry("ELA120", "English IV: British and World Literature", ENGLISH, 12, 12),
    Entry("ELA129", "AP English Literature & Composition", ENGLISH, 12, 12, 26, weight=3, size=300),
    Entry("MTH060", "Mathematics 6", MATHEMATICS, 6, 6),
    Entry("MTH070", "Mathematics 7", MATHEMATICS, 7, 7),
    Entry("MTH075", "Pre-Algebra", MATHEMATICS, 7, 8, weight=4, size=300),
    Entry("MTH080", "Mathematics 8", MATHEMATICS, 8, 8),
    Entry("MTH090", "Algebra I", MATHEMATICS, 8, 9, weight=8),
    Entry("MTH100", "Geometry", MATHEMATICS, 9, 10, weight=8),
    Entry("MTH108", "Honors Geometry", MATHEMATICS, 9, 10, 28, weight=2, size=500),
    Entry("MTH110", "Algebra II", MATHEMATICS, 10, 12, weight=8),
    Entry("MTH115", "Financial Algebra", MATHEMATICS, 11, 12, weight=3, size=300),
    Entry("MTH120", "Precalculus", MATHEMATICS, 11, 12, weight=6, size=200),
    Entry("MTH128", "AP Calculus AB", MATHEMATICS, 12, 12, 26, weight=4, size=300),
    Entry("MTH129", "AP Statistics", MATHEMATICS, 11, 12, 26, weight=2, size=600),
    Entry("SCI060", "Earth Science", SCIENCE, 6, 6),
    Entry("SCI070", "Life Science", SCIENCE, 7, 7),
    Entry("SCI080", "Physical Science", SCIENCE, 8, 8),
    Entry("SCI090", "Biology", SCIENCE, 9, 10),
    Entry("SCI100", "Chemistry", SCIENCE, 10, 12, 28, weight=8),
    Entry("SCI110", "Physics", SCIENCE, 11, 12, 28, weight=6, size=200),
    Entry("SCI115", "Environmental Science", SCIENCE, 11, 12, weight=4, size=200),
    Entry("SCI119", "AP Biology", SCIENCE, 11, 12, 24, weight=2, size=600),
    Entry("SOC060", "World Cultures", HISTORY, 6, 6),
    Entry("SOC070", "State History", HISTORY, 7, 7),
    Entry("SOC080", "U.S. History to 1877", HISTORY, 8, 8),
    Entry("SOC090", "World Geography", HISTORY, 9, 9),
    Entry("SOC100", "World History", HISTORY, 10, 10),
    Entry("SOC109", "AP World History", HISTORY, 10, 10, 26, weight=3, size=600),
    Entry("SOC110", "U.S. History", HISTORY, 11, 11),
    Entry("SOC119", "AP U.S. History", HISTORY, 11, 11, 26, weight=3, size=400),
    Entry("SOC120", "Civics", HISTORY, 12, 12, span=_HALF),
    Entry("SOC129", "AP Government and Politics", HISTORY, 12, 12, 26, _HALF, 3, 400),
    Entry("PHE060", "Physical Education 6-8", SPORT, 6, 8, 40),
    Entry("PHE090", "Physical Education", SPORT, 9, 12, 40, _HALF),
    Entry("PHE100", "Health", SPORT, 9, 12, 32, _HALF, 5, 100),
    Entry("PHE110", "Weight Training", SPORT, 10, 12, 32, _HALF, 4, 300),
    Entry("WLG070", "Spanish Exploratory", LANGUAGES, 6, 8, 30, _QUARTER, 8),
    Entry("WLG101", "Spanish I", LANGUAGES, 8, 12, weight=9),
    Entry("WLG102", "Spanish II", LANGUAGES, 9, 12, weight=8, size=150),
    Entry("WLG103", "Español III: Conversación", LANGUAGES, 10, 12, 28, weight=4, size=400),
    Entry("WLG109", "AP Spanish Language", LANGUAGES, 11, 12, 26, weight=2, size=600),
    Entry("WLG201", "French I", LANGUAGES, 9, 12, weight=4, size=400),
    Entry("WLG202", "Français II", LANGUAGES, 9, 12, 28, weight=3, size=600),
    Entry("WLG301", "Mandarin I", LANGUAGES, 9, 12, 26, weight=2, size=900),
    Entry("WLG401", "American Sign Language I", LANGUAGES, 9, 12, 28, weight=3, size=700),
    Entry("ART060", "Exploratory Art", ARTS, 6, 8, 28, _QUARTER, 10),
    Entry("ART065", "Drama Workshop", ARTS, 6, 8, 28, _QUARTER, 6, 200),
    Entry("ART070", "Band 6-8", ARTS, 6, 8, 50, weight=7),
    Entry("ART075", "Chorus 6-8", ARTS, 6, 8, 50, weight=6, size=200),
    Entry("ART101", "Drawing & Painting I", ARTS, 9, 12, 28, _HALF, 8),
    Entry("ART105", "Ceramics", ARTS, 9, 12, 24, _HALF, 5, 300),
    Entry("ART110", "Concert Band", ARTS, 9, 12, 60, weight=7),
    Entry("ART115", "Concert Choir", ARTS, 9, 12, 60, weight=6, size=300),
    Entry("ART120", 'Theatre: "From Page to Stage"', ARTS, 9, 12, 28, _HALF, 4, 500),
    Entry("ART125", "Photography", ARTS, 10, 12, 24, _HALF, 4, 700),
    Entry("CTE060", "Technology & Design", CAREERS, 6, 8, 28, _QUARTER, 10),
    Entry("CTE065", "Coding, Robotics, and You", CAREERS, 6, 8, 26, _QUARTER, 8, 200),
    Entry("CTE070", "Family and Consumer Science 6-8", CAREERS, 6, 8, 28, _QUARTER, 6, 400),
    Entry("CTE101", "Computer Applications", CAREERS, 9, 12, 30, _HALF, 8),
    Entry("CTE110", "Computer Science Principles", CAREERS, 9, 12, 28, weight=5, size=200),
    Entry("CTE115", "Culinary Arts", CAREERS, 9, 12, 24, _HALF, 6, 300),
    Entry("CTE120", "Automotive Technology", CAREERS, 10, 12, 24, weight=4, size=600),
    Entry("CTE125", "Journalism / Yearbook", CAREERS, 9, 12, 26, weight=4, size=300),
    Entry("CTE130", "Marketing, Sales & Service", CAREERS, 10, 12, 30, _HALF, 4, 500),
    Entry("CTE140", "Study Skills", CAREERS, 6, 12, 30, _HALF, 6),
)

#: What ended with the summer: a second chance to pass.
SUMMER = (
    Entry("ELA890", "English Credit Recovery", ENGLISH, 9, 12, 25),
    Entry("MTH890", "Algebra I Credit Recovery", MATHEMATICS, 9, 12, 25),
)
