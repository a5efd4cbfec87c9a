"""Replicas, against a site that follows the contracts and can be told to misbehave."""
