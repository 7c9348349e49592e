"""Steps of one toy SAE, compiled: the loss on counted patterns, its gradients by hand,
and Adam.

With C = [latents, -activations, 1] per pattern, M = [decoder; directions; decoder bias]
and q the shares of the patterns, the mean squared error is the sum over i, j of
(C^T diag(q) C)_ij (M M^T)_ij. Of Matryoshka's nested widths each product counts by the
share that it takes part in, `kept`.

Sums are made in the order that is written, so that every processor rounds alike: which
of its optima a toy comes to may hang on the last digit.
"""

import numpy as np

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
    """Latents of every pattern, into the first columns of `terms`; from the products of
    M and the encoder.
    """
    width, features = b_enc.shape[0], active.shape[1]
    for n in range(active.shape[0]):
        for j in range(width):
            terms[n, j] = b_enc[j] - along[-1, j]
        for f in range(features):
            if active[n, f] != 0:
                for j in range(width):
                    terms[n, j] += active[n, f] * along[width + f, j]
        for j in range(width):
            terms[n, j] = max(terms[n, j], np.float32(0))


@strict_loop
def products(terms, share, out):
    """C^T diag(q) C."""
    out[:] = 0
    for n in range(terms.shape[0]):
        if share[n] > 0:
            for i in range(terms.shape[1]):
                scaled = share[n] * terms[n, i]
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
                for j in range(norm.shape[0]):
                    back[n, j] += TWO * terms[n, i] * gram[i, j]
            for j in range(norm.shape[0]):
                slope = share[n] * (back[n, j] + penalty * norm[j])
                back[n, j] = slope if terms[n, j] > 0 else np.float32(0)


@strict_loop
def slopes_of_encoder(active, back, table, encoder, slope_table, slope, bias):
    """Gradients of the encoder and its bias, and the share of b_dec's that passes
    through it.
    """
    width, features = encoder.shape[0], active.shape[1]
    b_dec, of_b_dec = table[-1], slope_table[-1]
    for j in range(width):
        total = np.float32(0)
        for n in range(active.shape[0]):
            total += back[n, j]
        bias[j] = total
        for c in range(encoder.shape[1]):
            slope[j, c] = -total * b_dec[c]
            of_b_dec[c] -= total * encoder[j, c]
        for f in range(features):
            along = np.float32(0)
            for n in range(active.shape[0]):
                along += back[n, j] * active[n, f]
            for c in range(encoder.shape[1]):
                slope[j, c] += along * table[width + f, c]


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
def toy_gradients(active, share, kept, penalty, weights, gradients, work):
    """The gradients of one batch, by the names in `train_steps`."""
    table, encoder, b_enc = weights
    of_table, of_encoder, of_bias = gradients
    terms, gram, weight, along, back, norm, means = work
    cross_products(table, encoder.T.copy(), along)
    encode(active, along, b_enc, terms)
    products(terms, share, weight)
    cross_products(table, table.T.copy(), gram)
    for i in range(norm.shape[0]):
        norm[i] = np.sqrt(gram[i, i])
        means[i] = weight[i, -1]  # the last term is 1
    gram *= kept
    weight *= kept
    slopes_of_table(weight, table, means, penalty, norm, of_table)
    slopes_of_latents(terms, share, gram, penalty, norm, back)
    slopes_of_encoder(active, back, table, encoder, of_table, of_encoder, of_bias)


@strict_loop
def train_steps(active, shares, kept, penalty, rates, begun, tied, biases, state):
    """Steps of Adam, one for every line of `shares` [step, pattern], in place.

    `state` holds weights, gradients, first and second moments and room to work; each of
    the first four is M [row, d_model] as above, encoder [latent, d_model], and encoder
    bias. `tied` has the encoder's gradient added to the decoder's, which it follows.
    """
    weights, gradients, first, second, work = state
    table, encoder, b_enc = weights
    width, end = encoder.shape[0], table.shape[0] - 1
    for step in range(shares.shape[0]):
        toy_gradients(active, shares[step], kept, penalty, weights, gradients, work)
        done = begun + step + 1
        size = np.float32(rates[step] / (1 - 0.9**done))
        root = np.float32(1 / np.sqrt(1 - 0.999**done))
        for i in range(width):
            if tied:
                gradients[0][i] += gradients[1][i]
            adam(table[i], gradients[0][i], first[0][i], second[0][i], size, root)
            if tied:
                encoder[i] = table[i]
            else:
                adam(encoder[i], gradients[1][i], first[1][i], second[1][i], size, root)
        if biases:
            adam(b_enc, gradients[2], first[2], second[2], size, root)
            adam(
                table[end],
                gradients[0][end],
                first[0][end],
                second[0][end],
                size,
                root,
            )
