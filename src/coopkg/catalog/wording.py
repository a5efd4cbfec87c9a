"""A text in the two languages in which everything is described. Pure text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in French and in English."""

    fr: str
    en: str

    def in_language(self, lang: str) -> str:
        """Return it in French, or else in English.

        >>> Wording("jeu de données", "data set").in_language("fr")
        'jeu de données'
        """
        return self.fr if lang == "fr" else self.en

    def filled(self, **values: object) -> Wording:
        """Return it with values in the place of their names.

        >>> Wording("révision {number}", "revision {number}").filled(number=3).en
        'revision 3'
        """
        return Wording(self.fr.format(**values), self.en.format(**values))

    def filled_in(self, **values: Wording) -> Wording:
        """Return it with texts in the place of their names, each in its language.

        >>> Wording("« {title} »", "'{title}'").filled_in(title=Wording("le graphe", "the graph")).en
        "'the graph'"
        """
        fr, en = ({name: getattr(value, lang) for name, value in values.items()} for lang in ("fr", "en"))
        return Wording(self.fr.format(**fr), self.en.format(**en))
