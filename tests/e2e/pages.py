"""Every kind of page of the site, with an address of one over the rich content of the tests.

A page that is built must be written here: `test_registry` compares this list with the routes of the application.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from coopkg.names import BASE
from tests.builders import ID
from tests.rich import HOSTILE

LANGUAGES = ("fr", "en")
_ROWS = "query=SELECT%20%3Fs%20%3Fn%20%7B%20%3Fs%20a%20coop%3AProject%20%3B%20skos%3AprefLabel%20%3Fn%20%7D"


@dataclass(frozen=True)
class Kind:
    """A kind of page: its name (that of its pictures), an address, and the status with which it answers.

    Args:
        real: an address over the published data, where the one over the rich content says nothing there.
    """

    name: str
    address: str
    status: int = 200
    real: str = ""

    @property
    def published(self) -> str:
        """The address of one over the published data; "" for things that only tests make."""
        return self.real or ("" if HOSTILE in self.name else self.address)

    def in_language(self, lang: str) -> str:
        """Return the address of the page in a language."""
        path, mark, query = self.address.partition("?")
        return f"{path}?lang={lang}{'&' + query if mark else ''}"


def _why(project: str, organisation: str) -> str:
    """Return the address that explains why an organisation initiated a project: a rule says so."""
    asked = {"s": f"{ID}project/{project}", "p": f"{BASE}ns#initiatedBy", "o": f"{ID}organisation/{organisation}"}
    return f"/why?{urlencode(asked)}"


KINDS = (
    Kind("home", "/"),
    Kind("changes", "/changes"),
    Kind("feed", "/feed"),
    Kind("dumps", "/dumps/"),
    Kind("catalog", "/catalog"),
    Kind("dataset", "/dataset/projects"),
    Kind("validate", "/validate"),
    Kind("search", "/search?q=jardins", real="/search?q=alimentation"),
    Kind("schemes", "/scheme"),
    Kind("search-empty", "/search"),
    Kind("search-nothing", "/search?q=zzyzx"),
    Kind("projects", "/projects"),
    Kind("projects-filtered", "/projects?theme=food&region=11&role=funder"),
    Kind("projects-page", "/projects?page=2"),
    Kind("projects-nothing", "/projects?theme=food&year=1901"),
    Kind("projects-unknown-filter", "/projects?theme=nothing-of-ours", 400),
    Kind("organisations", "/organisations"),
    Kind("territories", "/territories"),
    Kind("outcomes", "/outcomes"),
    Kind("lessons", "/lessons"),
    Kind("sources", "/sources"),
    Kind("themes", "/themes"),
    Kind("project", "/doc/project/jardins-partages", real="/doc/project/creathon-du-vivre-ensemble"),
    Kind("experiment", "/doc/experiment/jardins-compost", real="/doc/experiment/brigade-du-vivre-ensemble"),
    Kind("event", "/doc/event/jardins-fete-2019-07", real="/doc/event/creathon-2019-07"),
    Kind("action", "/doc/action/jardins-formation", real="/doc/action/formation-aller-vers"),
    Kind("programme", "/doc/programme/cultiver-ensemble", real="/doc/programme/faire-ensemble-2030"),
    Kind("organisation", "/doc/organisation/jardins-du-plateau", real="/doc/organisation/makesense"),
    Kind("group", "/doc/group/jardins-habitants", real="/doc/group/creathon-porteurs"),
    Kind(
        "participation",
        "/doc/participation/jardins--jardins-du-plateau",
        real="/doc/participation/formations-citoyennes--la-cloche",
    ),
    Kind(
        "expected-participation",
        f"/doc/expected-participation/jardins--{HOSTILE}",
        real="/doc/expected-participation/un-univers-citoyen--afd",
    ),
    Kind("outcome", "/doc/outcome/jardins-recoltes", real="/doc/outcome/creathon-du-vivre-ensemble-projets-retenus"),
    Kind("measure", "/doc/measure/jardins-familles", real="/doc/measure/creathon-du-vivre-ensemble-projets-retenus"),
    Kind("lesson", "/doc/lesson/jardins-decider", real="/doc/lesson/creathon-du-vivre-ensemble-donnees"),
    Kind(
        "perspective",
        "/doc/perspective/jardins-essaimage",
        real="/doc/perspective/creathon-du-vivre-ensemble-formations-france",
    ),
    Kind("source", "/doc/source/jardins", real="/doc/source/fonda-creathon-du-vivre-ensemble"),
    Kind("region", "/doc/territory/region/11"),
    Kind("departement", "/doc/territory/departement/91", real="/doc/territory/departement/93"),
    Kind("commune", "/doc/territory/commune/91228", real="/doc/territory/commune/93048"),
    Kind("thing-unknown", "/doc/project/nothing-of-that-name", 404),
    Kind("why", _why("jardins-partages", "jardins-du-plateau"), real=_why("creathon-du-vivre-ensemble", "bspp")),
    Kind("why-not", _why("jardins-partages", "nobody"), 404),
    Kind("vocabulary", "/ns"),
    Kind("version-unknown", "/ns/0.0.0", 404),
    Kind("shapes", "/shapes"),
    Kind("scheme", "/scheme/role"),
    Kind("concept", "/scheme/role/initiator"),
    Kind("theme", "/scheme/theme/food"),
    Kind("concept-unknown", "/scheme/role/nobody", 404),
    Kind("map", "/map"),
    Kind("network-organisation", "/network/organisation/jardins-du-plateau", real="/network/organisation/makesense"),
    Kind("network-project", "/network/project/jardins-partages", real="/network/project/creathon-du-vivre-ensemble"),
    Kind("query", "/query"),
    Kind("query-rows", f"/query?{_ROWS}"),
    Kind("query-wrong", "/query?query=SELECT%20nonsense", 400),
    Kind("examples", "/examples"),
    Kind("reconcile", "/reconcile"),
    Kind("about", "/about"),
    Kind("quality", "/quality"),
    Kind("legal", "/legal"),
    Kind("privacy", "/privacy"),
    Kind("accessibility", "/accessibility"),
    Kind("api", "/api"),
    Kind("docs", "/docs/"),
    Kind("document", "/docs/endpoint.md"),
    Kind("not-found", "/nowhere/at/all", 404),
    Kind("hostile-project", f"/doc/project/{HOSTILE}"),
    Kind("hostile-organisation", f"/doc/organisation/{HOSTILE}"),
    Kind("hostile-lesson", f"/doc/lesson/{HOSTILE}"),
    Kind("hostile-outcome", f"/doc/outcome/{HOSTILE}"),
    Kind("hostile-source", f"/doc/source/{HOSTILE}"),
    Kind("hostile-network", f"/network/organisation/{HOSTILE}"),
    Kind("hostile-search", "/search?q=%3Cscript%3Ealert(8)%3C%2Fscript%3E"),
)

#: Routes that answer data, text or a part of a page, or lead elsewhere; what stands before a variable is enough.
#: Files, whose names end in a format, are no pages either.
NOT_PAGES = (
    "/sparql",
    "/graph-store",
    "/static/",
    "/q/",
    "/dumps/",
    "/id/",
    "/suggestions",
    "/distribution/",
    "/service/",
    "/.well-known/",
    "/changes/",
    "/feed/",
    "/reconcile/",
    "/health",
    "/ready",
    "/metrics",
)

#: Each kind of page in each language.
ALL = [(kind, lang) for kind in KINDS for lang in LANGUAGES]
