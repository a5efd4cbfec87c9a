# Ask from R: `Rscript clients.R ENDPOINT FILE WAY`, the query in a file. Written as JSON: what that way of reading gave.
# `table` is base R alone; the others are httr2 with jsonlite.
library(httr2)
library(jsonlite)

given <- commandArgs(trailingOnly = TRUE)
endpoint <- given[1]
query <- paste(readLines(given[2], encoding = "UTF-8"), collapse = "\n")

table <- function() {
  address <- paste0(endpoint, "?format=csv&query=", URLencode(query, reserved = TRUE))
  read.csv(address, colClasses = "character", encoding = "UTF-8")
}

posted <- function(media_type) {
  request(endpoint) |>
    req_headers(Accept = media_type) |>
    req_body_form(query = query) |>
    req_error(is_error = \(answer) FALSE) |>
    req_perform()
}

told <- switch(given[3],
  table = tryCatch(table(), warning = \(w) list(refused = conditionMessage(w))),
  rows = resp_body_json(posted("application/sparql-results+json"), simplifyVector = TRUE)$results$bindings,
  truth = resp_body_json(posted("application/sparql-results+json"))$boolean,
  triples = strsplit(resp_body_string(posted("application/n-triples")), "\n")[[1]],
  refusal = {
    answer <- posted("application/problem+json")
    c(list(got = resp_status(answer)), resp_body_json(answer))
  }
)
cat(toJSON(told, auto_unbox = TRUE, dataframe = "columns"))
