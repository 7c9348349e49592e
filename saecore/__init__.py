"""saecore: the package under the book "What Do Sparse Autoencoders Find?".

=============  ==========================================================  =====
folder         what it holds                                               floor
=============  ==========================================================  =====
shapes         array types and the Dictionary protocol                       0
profiles       what a run works on: `tiny`, or any language model folder     0
errors         what more than one floor may refuse, and why                 0
seeding        a seed from a purpose                                         0
sparse         activations in CSR form, and sums over them                   0
linear         the fastest exact product of rows and weights                 0
judge          an optional judge: a language model behind an HTTP address    0
source         where rows come from; stores no file                          1
  worlds         features that fire by stated rules: known truth
  model          a language model: opened, read, edited, resumed
  tasks          questions with known answers
measures       the papers' definitions: arrays in, NamedTuples out           1
  algebra        mathematics alone
  dictionary     what every dictionary is asked; nulls
  probing        linear and k-sparse probes
  seeds          latents matched between SAEs
  absorption     cases, rates, metrics, what truly happened
  stitching      latents of one SAE put into another
  meta           what explains a decoder row
  explaining     explanations and how well they predict
  editing        activation patching, erasure, causal trees
report         what a notebook calls: records, figures, claims, cards        1
recipes        what can be asked of the zoo, and its key                     2
tiny_lm        how the shipped language model was made                       2
training       rows in, weights out, no disk                                 3
zoo            the store of trained artefacts                                4
others         SAEs that others trained: `open_sae`, one door for all        5
claims         a folder per claim: which SAEs it asks for, and its study     6
explorer       the explorer of latents                                       7
packs          trained SAEs in one file, written and taken                   8
teaching       exercises checked, lessons, notebooks of students, slides     9
audit          every measure of the book on anybody's SAE                    8
papers         the papers' own SAEs, from the hub                            8
book           from notebooks to the book: executed, compared, built       10
whole_runs     every world seed and other models, run whole                11
scale          sweeps, batch queues, shards, what sizes cost               11
commands       what the commands do and say                                12
__main__       the command line                                            13
=============  ==========================================================  =====

Importing `saecore` imports nothing heavy; `saecore.open_sae` and
`saecore.open_any_model` are imported when they are first asked for.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from saecore.others.door import open_sae as open_sae
    from saecore.others.models import open_any_model as open_any_model

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in ("open_sae", "open_any_model"):
        raise AttributeError(f"module 'saecore' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("saecore.others"), name)
