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
claims         a folder per claim: which SAEs it asks for, and its study     5
explorer       the explorer of latents                                       6
packs          trained SAEs in one file, written and taken                   7
book           from notebooks to the book: executed, compared, built         8
commands       what single commands do and say                               9
__main__       the command line                                             10
=============  ==========================================================  =====

Importing `saecore` imports nothing heavy.
"""

__version__ = "0.1.0"
