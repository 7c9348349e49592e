"""saecore: the package under the book "What Do Sparse Autoencoders Find?".

=========  ==============================================================  =====
folder     what it holds                                                   layer
=========  ==============================================================  =====
shapes     array types and the Dictionary protocol                           0
profiles   what a run works on: `tiny`, or any language model folder         0
sparse     activations in CSR form, and sums over them                       0
linear     the fastest exact product of rows and weights on this machine     0
source     where rows come from: worlds, language models, text; stores no file  1
measures   the papers' definitions: arrays in, NamedTuples out               1
report     from numbers to book: records, figures, verdicts, pages           1
recipes    what can be asked for: SAEs, meta-SAEs, bases, toys; keys          2
training   rows in, weights out; no disk                                     3
zoo        the store of what recipes give                                    4
__main__   the command line                                                  5
=========  ==============================================================  =====

Importing `saecore` imports nothing heavy.
"""

__version__ = "0.1.0"
