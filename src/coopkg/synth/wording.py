"""The words of made-up texts, in French and English: some stand in every second text, some in one of ten thousand.

Every text says that it is made up, or belongs to a thing whose name does. No word is drawn from a source document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from coopkg.synth.dice import Dice

Pair = tuple[str, str]

_BEGINNINGS: Final[tuple[Pair, ...]] = (
    ("Des associations et des habitants ouvrent ensemble", "Associations and residents open together"),
    ("Plusieurs structures du quartier font vivre", "Several bodies of the neighbourhood run"),
    ("Un collectif né d'une rencontre publique prépare", "A collective born of a public meeting prepares"),
    ("Des bénévoles et une collectivité mettent en commun", "Volunteers and a local authority pool"),
    ("Un réseau d'entraide expérimente", "A mutual aid network tries out"),
    ("Des centres sociaux accompagnent", "Social centres support"),
    ("Une fondation et ses partenaires soutiennent", "A foundation and its partners support"),
    ("Des jeunes et leurs aînés imaginent", "Young people and their elders imagine"),
)
_THINGS: Final[tuple[Pair, ...]] = (
    ("un jardin partagé", "a shared garden"),
    ("une épicerie solidaire", "a solidarity grocery"),
    ("un atelier de réparation", "a repair workshop"),
    ("une cuisine commune", "a common kitchen"),
    ("un accueil de jour", "a day centre"),
    ("une ressourcerie", "a reuse centre"),
    ("un café associatif", "an associative café"),
    ("une bibliothèque d'outils", "a library of tools"),
    ("un bus itinérant", "a travelling bus"),
    ("une école des parents", "a school for parents"),
    ("un verger", "an orchard"),
    ("une radio locale", "a local radio"),
    ("un four à pain", "a bread oven"),
    ("une flotte de vélos", "a fleet of bicycles"),
    ("un théâtre de rue", "a street theatre"),
    ("une monnaie locale", "a local currency"),
    ("un observatoire citoyen", "a citizens' observatory"),
    ("une serre", "a greenhouse"),
    ("un chantier naval", "a boatyard"),
    ("une forge", "a forge"),
    ("un rucher", "an apiary"),
    ("une péniche", "a barge"),
    ("un moulin", "a mill"),
    ("une tisanerie", "a herb tea house"),
    ("un phare", "a lighthouse"),
    ("une champignonnière", "a mushroom farm"),
    ("un planétarium", "a planetarium"),
    ("une saline", "a salt works"),
    ("un carillon", "a chime"),
    ("une magnanerie", "a silkworm house"),
    ("un funiculaire", "a funicular"),
    ("une orangerie", "an orangery"),
)
_PEOPLE: Final[tuple[Pair, ...]] = (
    ("avec les habitants", "with residents"),
    ("pour les familles du quartier", "for the families of the neighbourhood"),
    ("avec des personnes éloignées de l'emploi", "with people far from work"),
    ("pour les aidants", "for carers"),
    ("avec les écoles", "with schools"),
    ("pour des personnes sans logement", "for people without a home"),
    ("avec les aînés", "with the elders"),
    ("pour les nouveaux arrivants", "for newcomers"),
)
_MEANS: Final[tuple[Pair, ...]] = (
    ("on s'y retrouve chaque semaine", "people meet there each week"),
    ("chacun y prend part selon son temps", "each takes part as time allows"),
    ("les décisions se prennent à plusieurs", "decisions are taken together"),
    ("les outils et les locaux sont partagés", "tools and rooms are shared"),
    ("des formations courtes ouvrent la saison", "short trainings open the season"),
    ("une équipe mobile va vers les villages", "a mobile team goes to the villages"),
    ("les surplus des commerces y trouvent un usage", "what shops have left over finds a use"),
    ("un comité suit l'avancement et rend compte", "a committee follows progress and reports"),
)
_AIMS: Final[tuple[Pair, ...]] = (
    ("afin de rompre l'isolement", "so that nobody stays alone"),
    ("afin de mieux manger à moindre coût", "so as to eat better for less"),
    ("afin de créer des emplois durables", "so as to create lasting work"),
    ("afin de garder vivants les savoir-faire", "so that skills are kept alive"),
    ("afin de réduire les déchets", "so as to cut waste"),
    ("afin que chacun ait son mot à dire", "so that each has a say"),
    ("afin d'apprendre les uns des autres", "so as to learn from each other"),
    ("afin de peser sur les choix publics", "so as to weigh on public choices"),
)
_LESSONS: Final[tuple[Pair, ...]] = (
    ("Prendre le temps de se connaître avant de décider", "Take time to know each other before deciding"),
    ("Un lieu neutre facilite la parole de chacun", "A neutral place helps each to speak"),
    ("Sans animateur dédié, le collectif s'essouffle", "Without a facilitator the collective tires"),
    ("Écrire les règles communes évite les malentendus", "Written common rules avoid misunderstandings"),
    ("Les financements courts fragilisent la coopération", "Short funding weakens cooperation"),
    ("Partager les réussites entretient l'envie", "Sharing successes keeps the will alive"),
    ("Associer les habitants dès le diagnostic", "Bring residents in from the diagnosis on"),
    ("Mesurer peu, mais mesurer ensemble", "Measure little, but measure together"),
)
_OUTCOMES: Final = (
    "Ouverture d'un lieu commun",
    "Formation d'un groupe d'habitants",
    "Signature d'une convention entre partenaires",
    "Publication d'un guide de la démarche",
    "Création d'un comité de suivi",
    "Personnes accueillies dans l'année",
)
_PERSPECTIVES: Final = (
    "Étendre la démarche aux communes voisines",
    "Trouver un financement de long terme",
    "Ouvrir le comité à de nouveaux partenaires",
    "Transmettre la méthode à d'autres collectifs",
)
_GROUPS: Final[tuple[Pair, ...]] = (
    ("Habitants", "Residents"),
    ("Bénévoles de l'action", "Volunteers of the action"),
    ("Associations locales", "Local associations"),
    ("Entreprises voisines", "Neighbouring companies"),
    ("Élus et agents des communes", "Elected members and staff of communes"),
    ("Familles accueillies", "Families received"),
)
_BODIES: Final[tuple[Pair, ...]] = (
    ("Association inventée", "Made-up association"),
    ("Collectif inventé", "Made-up collective"),
    ("Fédération inventée", "Made-up federation"),
    ("Réseau inventé", "Made-up network"),
    ("Fondation inventée", "Made-up foundation"),
    ("Maison inventée", "Made-up house"),
)
_WORDINGS: Final = ("partout", "à plusieurs", "chaque semaine", "ensemble", "avec tous", "depuis le début")
_NOTES: Final = (
    "Note inventée : la date n'est pas donnée.",
    "Note inventée : le rôle se lit dans la suite du texte.",
    "Note inventée : deux noms y désignent la même structure.",
    "Note inventée : le nombre vient d'un tableau, sans unité écrite.",
)
#: What every made-up source document says of itself.
STATEMENT: Final = (
    "Document inventé par « coopkg synth » pour des essais : rien n'y est vrai. Licence : CC0 1.0.",
    "Made up by “coopkg synth” for trials: nothing in it is true. Licence: CC0 1.0.",
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an action is about: the thing and the people, drawn once and told in its name and its description."""

    thing: Pair
    people: Pair

    @classmethod
    def drawn(cls, dice: Dice) -> Subject:
        """Return a subject; the first thing is drawn thirty times as often as the last."""
        return cls(_THINGS[dice.heavy(len(_THINGS))], dice.one_of(_PEOPLE))

    def name(self, kind: Pair, number: int) -> Pair:
        """Return the name of an action of a kind, which says that it is made up."""
        french, english = kind
        return (
            f"{french} n° {number} : {self.thing[0]} {self.people[0]}",
            f"{english} no. {number}: {self.thing[1]} {self.people[1]}",
        )

    def description(self, dice: Dice, place: str) -> Pair:
        """Return eight to forty words about it; the name of its place is the most selective of them."""
        beginning, means, aim = dice.one_of(_BEGINNINGS), dice.one_of(_MEANS), dice.one_of(_AIMS)
        told = [f"{beginning[side]} {self.thing[side]} {self.people[side]}" for side in (0, 1)]
        if dice.chance(0.45):
            told = [f"{told[0]} ; {means[0]}", f"{told[1]}; {means[1]}"]
        if dice.chance(0.45):
            told = [f"{text}, {aim[side]}" for side, text in enumerate(told)]
        if place:
            told = [f"{told[0]}. Lieu : {place}", f"{told[1]}. Place: {place}"]
        return f"{told[0]}.", f"{told[1]}."


def lesson(dice: Dice) -> str:
    """Return a lesson, in French."""
    return dice.one_of(_LESSONS)[0]


def outcome(dice: Dice) -> str:
    """Return an outcome, in French."""
    return dice.one_of(_OUTCOMES)


def perspective(dice: Dice) -> str:
    """Return a perspective, in French."""
    return dice.one_of(_PERSPECTIVES)


def group(dice: Dice) -> Pair:
    """Return the name of a group of agents without names."""
    return dice.one_of(_GROUPS)


def organisation(dice: Dice, number: int) -> Pair:
    """Return the name of an organisation, which says that it is made up."""
    body, thing = dice.one_of(_BODIES), dice.one_of(_THINGS)
    return f"{body[0]} n° {number} : {thing[0]}", f"{body[1]} no. {number}: {thing[1]}"


def wording(dice: Dice) -> str:
    """Return what stands for a short quotation."""
    return dice.one_of(_WORDINGS)


def note(dice: Dice) -> str:
    """Return an editorial note."""
    return dice.one_of(_NOTES)
