"""Dumps: a published revision as files that anybody can take, each dump for ever the same."""
