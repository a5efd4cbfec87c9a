"""How often the real data says what: the counts of the repository's own source documents, from which values are drawn.

Each table holds a value as often as the real data does, so that drawing one at random keeps its share. Counted over
the 35 source documents and 63 actions of `data/sources/`; a test compares them with what is made up.
"""

from __future__ import annotations

from typing import Final

from coopkg import names


def concept(scheme: str, notation: str) -> str:
    """Return the term of a concept."""
    return f"<{names.BASE}scheme/{scheme}/{notation}>"


def _concepts(scheme: str, counts: str) -> tuple[str, ...]:
    """Return the terms of concepts, each as often as its count: "lead 34 partner 12"."""
    words = counts.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return tuple(concept(scheme, notation) for notation, count in pairs for _ in range(int(count)))


ROLES: Final = _concepts(
    "role",
    "lead 34 unspecified 31 contributor 18 partner 12 member 10 supporter 10 initiator 8 field-site 8 founder 6 "
    "facilitator 5 coordinator 5 governance 5 organiser 5 beneficiary 3 funder 3 volunteer 3 co-designer 3 "
    "target-public 3 operational-partner 2 expert 2 accreditor 1 institutional-partner 1 attendee 1 "
    "administrator 1 employee 1 host 1 supplier 1",
)
THEMES: Final = _concepts(
    "theme",
    "cooperation 28 evaluation 13 employment 6 civic-engagement 6 digital 5 democracy 5 housing 5 food 5 "
    "philanthropy 4 associative-life 4 social-ties 4 living-together 4 poverty 4 carers 4 commons 4 "
    "data-sharing-theme 3 social-innovation 3 popular-neighbourhoods 3 rural-areas 3 local-solidarity 3 "
    "citizen-training 3 education 3 ecological-transition 3 climate 2 local-development 2 "
    "social-crisis-prevention 2 youth-participation 2 migration 2 inclusion 2 social-economy 2 culture 2 energy 2 "
    "early-childhood 1 international-solidarity 1 rescue 1 entrepreneurship 1 health 1 advocacy-theme 1 "
    "social-justice 1 ageing 1 citizenship 1 disaster-recovery 1",
)
ACTION_KINDS: Final = _concepts(
    "action-kind",
    "cooperation-support 10 workshop 7 collaboration 5 training 5 employment-scheme 4 evaluation 3 alliance 3 "
    "research-action 3 conference 3 respite-workshop 3 meeting 3 philanthropic-programme 2 data-project 2 "
    "creathon 2 advocacy 2 solidarity-network 2 capacity-building 2 food-programme 2 social-centre-project 1 "
    "platform 1 team 1 call-for-projects 1 citizen-network 1 resource-sharing 1 webinar-series 1 "
    "user-participation 1 service 1 purchasing-group 1 contest 1",
)
STATUSES: Final = _concepts(
    "status",
    "achieved 115 in-progress 14 unknown 4 planned 4",
)
OUTCOME_KINDS: Final = _concepts(
    "outcome-kind",
    "projects-selected 5 new-tool 5 territories-covered 5 new-partnership 5 publication 5 members-gained 4 "
    "new-organisation 3 event-held 3 experiment-run 3 new-service 2 data-sharing 2 people-supported 2 "
    "workshop-cycle 2 governance-change 2 new-training 2 effect-people 2 output 1 effect-territory 1 strategy 1 "
    "applications-gathered 1 effect-policy 1 new-function 1 proposals 1 effect-organisations 1",
)
LESSON_KINDS: Final = _concepts(
    "lesson-kind",
    "strategic 20 lever 13 methodological 13 advice 9 watch-point 8 obstacle 7 operational 4",
)
PERSPECTIVE_KINDS: Final = _concepts(
    "perspective-kind",
    "generalisation 3 opening 1 perpetuation 1 spreading 1 territorial-deployment 1 continuation 1 "
    "reinforcement 1 public-dialogue 1",
)
INDICATORS: Final = _concepts(
    "indicator",
    "territories 5 member-organisations 4 partners-count 3 administrators 2 dimensions 2 associations-selected 1 "
    "member-families 1 childcare-places 1 employees 1 groups-supported 1 initiatives-supported 1 "
    "projects-retained-count 1 workshops 1 applications-received 1 committee-members 1 social-centres 1 "
    "monographs 1 departements-covered 1 proposals-count 1 volunteers 1 integration-employees 1 peer-workers 1 "
    "workshops-per-territory 1 local-employment-committees 1 employment-enterprises 1 people-reached-per-year 1 "
    "cities-present 1",
)
PRECISIONS: Final = _concepts(
    "precision",
    "exact 39 about 9 at-least 2 counted 2",
)
PAGE_KINDS: Final = _concepts(
    "page-kind",
    "article 9 programme-page 6 testimony 5 interview 4 workshop-report 4 fact-sheet 3 news 2 organisation-page 1 "
    "dossier 1",
)
READ_EXTENTS: Final = _concepts(
    "read-extent",
    "excerpt 32 beginning 2 whole 1",
)
ENGAGEMENTS: Final = _concepts(
    "engagement",
    "being-mobilised 17 absent 1",
)
GROUP_KINDS: Final = _concepts(
    "stakeholder-kind",
    "association 13 other 5 residents 4 local-authority 4 social-centre 4 informal-collective 3 citizens 3 "
    "volunteers 2 network-body 2 support-structure 2 employment-enterprise 2 trade-union 2 social-entrepreneur 2 "
    "homeless-people 2 experts 2 carers 2 families 1 research-body 1 public 1 fathers-groups 1 social-landlord 1 "
    "elected-officials 1 "
    "state 1 family-benefits-fund 1 philanthropic 1 civil-society 1 social-security 1 community-house 1 third-place 1 "
    "service-users 1 shopkeepers 1 local-employment-committee 1 department-council 1 intermunicipality 1 "
    "employment-service 1 health-professionals 1 producers 1",
)
ORGANISATION_KINDS: Final = _concepts(
    "stakeholder-kind",
    "association 32 network-body 15 social-centre 3 foundation 3 civil-society 3 resource-centre 3 state-agency 2 "
    "community-house 2 department-council 2 state 2 other 2 company 2 municipality 2 public-establishment 1 "
    "emergency-service 1 family-benefits-fund 1 social-action-centre 1 trade-union 1 region-council 1 "
    "international 1 ministry 1 social-security 1 museum 1",
)
GOALS: Final = tuple(f"<http://metadata.un.org/sdg/{number}>" for number in range(1, 18))
#: How many participations an action has: nine of 63 have none.
PARTICIPATIONS: Final = (*(0,) * 9, *(1,) * 12, *(2,) * 18, *(3,) * 7, *(4,) * 10, *(5,) * 3, *(6,) * 3, *(8,) * 3)
#: Of the participations, how many are those of a group without a name.
GROUPS_SHARE: Final = 0.37
KINDS: Final = (*("Project",) * 22, *("Action",) * 5, *("Event",) * 9, *("Experiment",) * 9)
VALUES: Final = (
    *(*(2,) * 5, *(3,) * 3, *(4,) * 5, *(5,) * 3, 6, 8, 9, 9, 10, 11, 13, 14, 19, 24, 28, 30, 30, 30, 40),
    *(60, 66, 70, 250, 308, 700, 10_000),
)
