"""Exchanging meta-latents turns one attribute of an entity."""

from saecore.claims.attribute_edit.headline import Study, study

__all__ = ["Study", "study"]
