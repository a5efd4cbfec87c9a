"""The catalogue in the words of DCAT-AP 3.0.1: what harvesters read, whole or a page at a time.

Source: DCAT-AP 3.0.1, and what udata and CKAN make of it: docs/harvesting.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coopkg.addresses import Addresses
from coopkg.catalog import authorities, coverage, distributions, licences
from coopkg.catalog.contents import (
    BY_NAME,
    CATALOG,
    DATA_SETS,
    DESCRIPTION,
    SERVICE,
    SERVICE_DESCRIPTION,
    SERVICE_TITLE,
    TITLE,
    WHOLE,
    DataSet,
)
from coopkg.catalog.distributions import Distribution
from coopkg.catalog.facts import Facts, Publisher, Terms
from coopkg.catalog.sheet import Sheet, typed
from coopkg.catalog.wording import Wording
from coopkg.rdf import Literal, Quad

_PUBLISHER, _CONTACT = f"{CATALOG}#publisher", f"{CATALOG}#contact"
_TRIAL = Wording("coopkg (essai)", "coopkg (trial)")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the catalogue.

    Args:
        path: of the document that the pages are read from, below the root of the site.
        number: from 1.
        per_page: how many data sets a page has.
        is_paged: whether the reader chose how many: the addresses of other pages then say so, too.
    """

    path: str
    number: int = 1
    per_page: int = 50
    is_paged: bool = False

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-len(DATA_SETS) // self.per_page))

    @property
    def data_sets(self) -> tuple[DataSet, ...]:
        """What it shows; nothing beyond the last page."""
        return DATA_SETS[(self.number - 1) * self.per_page : self.number * self.per_page]

    def address(self, site: Addresses, number: int) -> str:
        """Return the address of a page."""
        chosen = f"&per-page={self.per_page}" if self.is_paged else ""
        return f"{site.at(self.path)}?page={number}{chosen}"


def catalog(facts: Facts, site: Addresses, page: Page) -> list[Quad]:
    """Return a page of the catalogue, with all that its data sets need to be understood."""
    sheet = Sheet()
    _tell_catalog(sheet, facts, site, page.data_sets)
    number, views = page.number, page.address(site, page.number)
    sheet.say(CATALOG, a="hydra_Collection", hydra_view=views, hydra_totalItems=typed(len(DATA_SETS), "integer"))
    sheet.say(
        views,
        a="hydra_PartialCollectionView",
        hydra_totalItems=typed(len(DATA_SETS), "integer"),
        hydra_first=page.address(site, 1),
        hydra_last=page.address(site, page.last),
        hydra_previous=page.address(site, number - 1) if number > 1 else None,
        hydra_next=page.address(site, number + 1) if number < page.last else None,
    )
    return sheet.quads()


def whole(facts: Facts, site: Addresses) -> list[Quad]:
    """Return all of the catalogue, without pages."""
    sheet = Sheet()
    _tell_catalog(sheet, facts, site, DATA_SETS)
    return sheet.quads()


def data_set(facts: Facts, site: Addresses, name: str) -> list[Quad]:
    """Return what is said of one data set; of the whole graph, with the service that answers queries about it."""
    sheet = Sheet()
    one = BY_NAME[name]
    _tell_data_set(sheet, one, facts, site)
    sheet.say(CATALOG, dcat_dataset=one.iri)
    if name == WHOLE:
        _tell_service(sheet, facts, site, [one])
    return sheet.quads()


def _tell_catalog(sheet: Sheet, facts: Facts, site: Addresses, shown: Sequence[DataSet]) -> None:
    is_served = DATA_SETS[0] in shown
    sheet.say(
        CATALOG,
        a="dcat_Catalog",
        dcterms_title=TITLE,
        dcterms_description=DESCRIPTION,
        dcterms_identifier=Literal(CATALOG),
        dcterms_issued=typed(facts.issued, "dateTime"),
        dcterms_modified=typed(facts.modified[""], "dateTime"),
        dcat_themeTaxonomy=authorities.THEMES,
        dcat_dataset=[one.iri for one in shown],
        # Once, with the whole that it serves: udata 17 takes one that is on each page for several.
        dcat_service=SERVICE if is_served else None,
    )
    sheet.say(CATALOG, foaf_homepage=_document(sheet, site.root))
    sheet.say(authorities.THEMES, a="skos_ConceptScheme", dcterms_title=authorities.THEMES_TITLE)
    _tell_source(sheet, CATALOG, facts)
    _tell_terms(sheet, CATALOG, facts.whole)
    sheet.say(CATALOG, dcterms_spatial=coverage.france(sheet))
    for one in shown:
        _tell_data_set(sheet, one, facts, site)
    if is_served:
        _tell_service(sheet, facts, site, shown)


def _tell_data_set(sheet: Sheet, one: DataSet, facts: Facts, site: Addresses) -> None:
    terms = licences.of(one, facts)
    sheet.say(
        one.iri,
        a="dcat_Dataset",
        dcterms_title=one.title,
        dcterms_description=one.description,
        dcterms_identifier=Literal(one.iri),
        dcterms_issued=typed(facts.issued, "dateTime"),
        dcterms_modified=typed(facts.modified[one.name], "dateTime"),
        dcterms_accrualPeriodicity=one.frequency.told_in(sheet),
        dcat_version=Literal(str(facts.revision)),
        dcat_keyword=one.keywords,
        dcat_theme=[theme.told_in(sheet) for theme in one.themes],
        dcat_landingPage=_document(sheet, site.at(one.path)),
        dcterms_accessRights=authorities.PUBLIC.told_in(sheet),
        dcterms_spatial=coverage.france(sheet) if one.has_places else None,
        dcterms_temporal=coverage.period(sheet, one, facts),
    )
    _tell_source(sheet, one.iri, facts)
    _tell_terms(sheet, one.iri, terms)
    for form in distributions.of(one, facts):
        sheet.say(one.iri, dcat_distribution=form.iri)
        _tell_distribution(sheet, form, facts, site)


def _tell_distribution(sheet: Sheet, form: Distribution, facts: Facts, site: Addresses) -> None:
    address = site.at(form.path)
    media_type, known = authorities.media_type(form.media_type), authorities.FORMATS.get(form.media_type)
    sheet.say(
        form.iri,
        a="dcat_Distribution",
        dcterms_title=form.title,
        dcterms_description=form.description,
        dcterms_identifier=Literal(form.iri),
        dcterms_issued=typed(facts.issued, "dateTime"),
        dcterms_modified=typed(form.modified, "dateTime"),
        dcterms_language=[language.told_in(sheet) for language in authorities.LANGUAGES],
        dcat_accessURL=address,
        dcat_downloadURL=address if form.is_whole else None,
        dcat_mediaType=media_type.told_in(sheet),
        dcterms_format=known.told_in(sheet) if known else None,
        dcatap_availability=authorities.AVAILABLE.told_in(sheet),
        adms_status=authorities.COMPLETED.told_in(sheet),
    )
    _tell_terms(sheet, form.iri, form.terms)
    if form.file is None:
        return
    if compression := authorities.COMPRESSIONS.get(form.file.compression):
        sheet.say(form.iri, dcat_compressFormat=authorities.media_type(compression).told_in(sheet))
    checksum = f"{form.iri}#checksum"
    sheet.say(form.iri, dcat_byteSize=typed(form.file.size, "nonNegativeInteger"), spdx_checksum=checksum)
    sheet.say(
        checksum,
        a="spdx_Checksum",
        spdx_algorithm=authorities.SHA512.told_in(sheet),
        spdx_checksumValue=typed(form.file.sha512, "hexBinary"),
    )


def _tell_service(sheet: Sheet, facts: Facts, site: Addresses, served: Sequence[DataSet]) -> None:
    sheet.say(
        SERVICE,
        a="dcat_DataService",
        dcterms_title=SERVICE_TITLE,
        dcterms_description=SERVICE_DESCRIPTION.filled(limits=facts.limits),
        dcterms_identifier=Literal(SERVICE),
        dcterms_issued=typed(facts.issued, "dateTime"),
        dcterms_modified=typed(facts.modified[""], "dateTime"),
        dcat_endpointURL=site.endpoint,
        dcat_endpointDescription=site.endpoint,  # asked with nothing, it describes itself
        dcat_servesDataset=[one.iri for one in served],
        dcat_keyword=(Wording("SPARQL", "SPARQL"), Wording("données liées", "linked data")),
        dcat_theme=authorities.SOCIETY.told_in(sheet),
        dcat_landingPage=_document(sheet, site.at("query")),
        dcterms_accessRights=authorities.PUBLIC.told_in(sheet),
        dcterms_conformsTo=authorities.PROTOCOL.told_in(sheet),
    )
    _tell_source(sheet, SERVICE, facts)
    _tell_terms(sheet, SERVICE, facts.whole)


def _tell_source(sheet: Sheet, iri: str, facts: Facts) -> None:
    """Say in which languages something is, who publishes it, and where to write to."""
    languages = [language.told_in(sheet) for language in authorities.LANGUAGES]
    sheet.say(iri, dcterms_language=languages, dcterms_publisher=_publisher(sheet, facts.publisher))
    sheet.say(iri, dcat_contactPoint=_contact(sheet, facts.publisher))


def _publisher(sheet: Sheet, publisher: Publisher) -> str:
    kind = authorities.PUBLISHER_TYPES.get(publisher.kind)
    sheet.say(
        _PUBLISHER,
        a="foaf_Agent",
        foaf_name=Literal(publisher.name) if publisher.name else _TRIAL,
        dcterms_type=kind.told_in(sheet) if kind else None,
    )
    return _PUBLISHER


def _contact(sheet: Sheet, publisher: Publisher) -> str:
    """Say whom to write to, and return the IRI of that; on a trial nobody is there, and that is said."""
    is_mail = publisher.contact.startswith("mailto:")
    sheet.say(
        _CONTACT,
        a="vcard_Kind",
        vcard_fn=Literal(publisher.name) if publisher.name else _TRIAL,
        vcard_hasEmail=publisher.contact if is_mail else None,
        vcard_hasURL=publisher.contact if publisher.contact and not is_mail else None,
    )
    return _CONTACT


def _tell_terms(sheet: Sheet, iri: str, terms: Terms) -> None:
    """Say on which terms something is given, so that udata and CKAN know the licence by its name."""
    if terms.licence:
        licence = authorities.LICENCES.get(terms.licence)
        known = Wording(licence.label, licence.label) if licence else terms.name
        sheet.say(iri, dcterms_license=terms.licence)
        sheet.say(terms.licence, dcterms_type=licence.type.told_in(sheet) if licence else None)
        sheet.say(terms.licence, a="dcterms_LicenseDocument", rdfs_label=known, dcterms_title=known)
        sheet.say(terms.licence, skos_prefLabel=terms.name or known)
    if terms.rights:
        sheet.say(iri, dcterms_rights=f"{iri}#rights")
        sheet.say(
            f"{iri}#rights", a="dcterms_RightsStatement", rdfs_label=terms.rights, dcterms_description=terms.rights
        )


def _document(sheet: Sheet, address: str) -> str:
    sheet.say(address, a="foaf_Document")
    return address
