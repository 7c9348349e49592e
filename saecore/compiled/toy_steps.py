"""Steps of one toy SAE, compiled: the loss on rows or counted patterns, its gradients
by hand, and Adam.

With C = [latents, -activations, 1] per row, M = [decoder; directions; decoder bias] and
q the shares of the batch that rows stand for, the mean squared error is the sum over
i, j of (C^T diag(q) C)_ij (M M^T)_ij. Of Matryoshka's nested widths each product counts
by the share that it takes part in, `kept`.

Sums are made in the order that is written, so that every processor rounds alike: which
of its optima a toy comes to may hang on the last digit.
"""

import numpy as np

from saecore.compiled.kth_largest import kth_largest
from saecore.compiled.loops import strict_loop

ONE, TWO = np.float32(1), np.float32(2)
FIRST, SECOND, EPS = np.float32(0.9), np.float32(0.999), np.float32(1e-8)
"""Of Adam, as in torch."""


@strict_loop
def cross_products(a, turned, out):
    """a b, row by row, of b [column, row] as it is `turned`."""
    for i in range(a.shape[0]):
        out[i] = 0
        for c in range(a.shape[1]):
            for j in range(turned.shape[1]):
                out[i, j] += a[i, c] * turned[c, j]


@strict_loop
def encode(active, along, b_enc, terms):
    """Every row's terms, from the products of M and the encoder."""
    width, features = b_enc.shape[0], active.shape[1]
    for n in range(active.shape[0]):
        for j in range(width):
            terms[n, j] = b_enc[j] - along[-1, j]
        for f in range(features):
            terms[n, width + f] = -active[n, f]
            if active[n, f] != 0:
                for j in range(width):
                    terms[n, j] += active[n, f] * along[width + f, j]
        for j in range(width):
            terms[n, j] = max(terms[n, j], np.float32(0))


@strict_loop
def keep_of_batch(terms, norm, count, strength):
    """BatchTopK: of all latents of a batch, times decoder norms, those stay that reach
    the `count`-th largest, which is returned. `strength` is room for as many numbers.
    """
    positive = 0
    for n in range(terms.shape[0]):
        for j in range(norm.shape[0]):
            strength[positive] = terms[n, j] * norm[j]
            positive += terms[n, j] > 0
    cut = np.zeros(1, np.int32)  # positive floats have the order of their bits
    if positive >= count:
        keys = strength.view(np.int32)[:positive]
        level = kth_largest(keys, count, 0)
        cut[0] = np.iinfo(np.int32).max
        for key in keys:
            if key >= level:
                cut[0] = min(cut[0], key)
    least = cut.view(np.float32)[0]
    for n in range(terms.shape[0]):
        for j in range(norm.shape[0]):
            if terms[n, j] * norm[j] < least:
                terms[n, j] = 0
    return least


@strict_loop
def products(terms, share, out):
    """C^T diag(q) C."""
    out[:] = 0
    for n in range(terms.shape[0]):
        if share[n] > 0:
            for i in range(terms.shape[1]):
                scaled = share[n] * terms[n, i]
                if scaled != 0:
                    for j in range(terms.shape[1]):
                        out[i, j] += scaled * terms[n, j]


@strict_loop
def slopes_of_table(weight, table, means, penalty, norm, slope):
    """Gradients of decoder and decoder bias, where they stand in M; of the penalty too,
    a latent's mean times the norm of its direction.
    """
    width, last = means.shape[0], table.shape[0] - 1
    for i in range(table.shape[0]):
        if i < width or i == last:
            slope[i] = 0
            for j in range(table.shape[0]):
                scaled = TWO * weight[i, j]
                for c in range(table.shape[1]):
                    slope[i, c] += scaled * table[j, c]
    for i in range(width):
        if norm[i] > 0:
            scaled = penalty * means[i] / norm[i]
            for c in range(table.shape[1]):
                slope[i, c] += scaled * table[i, c]


@strict_loop
def slopes_of_latents(terms, share, gram, penalty, norm, back):
    """Gradients of the pre-activations of every pattern; 0 where no row has it."""
    for n in range(terms.shape[0]):
        back[n] = 0
        if share[n] > 0:
            for i in range(terms.shape[1]):
                if terms[n, i] != 0:
                    for j in range(norm.shape[0]):
                        back[n, j] += TWO * terms[n, i] * gram[i, j]
            for j in range(norm.shape[0]):
                slope = share[n] * (back[n, j] + penalty * norm[j])
                back[n, j] = slope if terms[n, j] > 0 else np.float32(0)


@strict_loop
def summed_slopes(terms, back, out):
    """Gradients of the pre-activations, summed over the rows with each feature, and
    over all, which is what goes to the encoder's bias.
    """
    width = back.shape[1]
    out[:] = 0
    for n in range(terms.shape[0]):
        for i in range(width, terms.shape[1]):
            if terms[n, i] != 0:
                for j in range(width):
                    out[i, j] += terms[n, i] * back[n, j]


@strict_loop
def slopes_of_encoder(along, table, encoder, slope_table, slope, bias):
    """Gradients of the encoder and its bias, and the share of b_dec's that passes
    through it; from `summed_slopes`, in which features are negative.
    """
    width, end = encoder.shape[0], table.shape[0] - 1
    for j in range(width):
        bias[j] = along[end, j]
        for c in range(encoder.shape[1]):
            slope[j, c] = -bias[j] * table[end, c]
            slope_table[end, c] -= bias[j] * encoder[j, c]
        for i in range(width, end):
            for c in range(encoder.shape[1]):
                slope[j, c] -= along[i, j] * table[i, c]


@strict_loop
def adam(weight, gradient, first, second, size, root):
    """One step of Adam (Kingma and Ba 1412.6980) on a vector, in place."""
    for c in range(weight.shape[0]):
        g = gradient[c]
        m = FIRST * first[c] + (ONE - FIRST) * g
        v = SECOND * second[c] + (ONE - SECOND) * g * g
        first[c], second[c] = m, v
        weight[c] -= size * m / (np.sqrt(v) * root + EPS)


@strict_loop
def toy_gradients(active, share, kept, penalty, count, weights, gradients, work):
    """The gradients of one batch, by the names in `train_steps`; BatchTopK's threshold
    where `count` is not 0.
    """
    table, encoder, b_enc = weights
    of_table, of_encoder, of_bias = gradients
    terms, gram, weight, along, back, norm, means, room = work
    cross_products(table, table.T.copy(), gram)
    for i in range(norm.shape[0]):
        norm[i] = np.sqrt(gram[i, i])
    cross_products(table, encoder.T.copy(), along)
    encode(active, along, b_enc, terms)
    cut = keep_of_batch(terms, norm, count, room) if count else np.float32(0)
    products(terms, share, weight)
    for i in range(norm.shape[0]):
        means[i] = weight[i, -1]  # the last term is 1
    gram *= kept
    weight *= kept
    slopes_of_table(weight, table, means, penalty, norm, of_table)
    slopes_of_latents(terms, share, gram, penalty, norm, back)
    summed_slopes(terms, back, along)
    slopes_of_encoder(along, table, encoder, of_table, of_encoder, of_bias)
    return cut


@strict_loop
def stepped(weights, gradients, first, second, size, root, tied, biases):
    """One step of Adam on all weights; with `tied` the encoder is the decoder, and its
    gradient is added to the decoder's.
    """
    table, encoder, b_enc = weights
    end = table.shape[0] - 1
    for i in range(encoder.shape[0]):
        if tied:
            gradients[0][i] += gradients[1][i]
        adam(table[i], gradients[0][i], first[0][i], second[0][i], size, root)
        if tied:
            encoder[i] = table[i]
        else:
            adam(encoder[i], gradients[1][i], first[1][i], second[1][i], size, root)
    if biases:
        adam(b_enc, gradients[2], first[2], second[2], size, root)
        adam(table[end], gradients[0][end], first[0][end], second[0][end], size, root)


@strict_loop
def train_steps(batches, how, rates, begun, state, cuts):
    """Steps of Adam in place, one for each learning rate.

    `batches` has the rows as features, [step, row, feature] or one for all steps, and
    their shares, likewise. `how`: which products count, the penalty, BatchTopK's count
    or 0, whether encoder and decoder are tied, whether there are biases. `state` holds
    weights, gradients, first and second moments and room to work; each of the first
    four is M [row, d_model] as above, encoder [latent, d_model], and encoder bias.
    BatchTopK's thresholds are written into `cuts` [step].
    """
    actives, shares = batches
    kept, penalty, count, tied, biases = how
    weights, gradients, first, second, work = state
    for step in range(rates.shape[0]):
        active, share = actives[step % len(actives)], shares[step % len(shares)]
        batch = active, share, kept, penalty, count
        cuts[step] = toy_gradients(*batch, weights, gradients, work)
        done = begun + step + 1
        size = np.float32(rates[step] / (1 - 0.9**done))
        root = np.float32(1 / np.sqrt(1 - 0.999**done))
        stepped(weights, gradients, first, second, size, root, tied, biases)
