"""Packs: trained SAEs in one file, in float16, for those who do not want to train.

========  ==================================================================
module    what it does
========  ==================================================================
layout    what a pack is: its index and its tensors
writing   SAEs of a zoo into a pack
taking    a pack, from a file or an address, into a zoo
fetch     a file from an address: resumed, checked, with progress
used      which of a page's SAEs came from a pack
commands  what `saecore pack` and `saecore zoo --from` do
========  ==================================================================
"""
