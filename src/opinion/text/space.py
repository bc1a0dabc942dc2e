"""Texts as directions in a space, so that texts which share words, or parts of words, point the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import InputError
from .words import shuffled

__all__ = ["embedding_space", "load_embedding", "ngram_space"]

Array = np.ndarray[Any, np.dtype[Any]]
Embed = Callable[[list[str]], Any]
Reference = Callable[[np.random.Generator], Array]
DIMENSIONS = 20
COMMON = 0.2  # of the texts: parts of words in more of them are those of the small words of a language
SAMPLE = 1000  # texts by which the number of themes is chosen


def ngram_space(texts: Sequence[str], rng: np.random.Generator) -> tuple[Array, Array, Reference]:
    """TF-IDF of character n-grams (2 to 4, within words), reduced by a truncated singular value decomposition.

    Parameters
    ----------
    texts : sequence of str
        Normalised and distinct.
    rng : numpy.random.Generator

    Returns
    -------
    points : ndarray, shape (n, d)
        Unit rows, d at most 20.
    sample : ndarray, shape (s, d)
        As `points`, of at most 1,000 texts in a space of their own: what the references are held against.
    reference : callable
        Points of the same sample with its words dealt out at random.

    Raises
    ------
    InputError
        scikit-learn is not installed.

    References
    ----------
    S. Deerwester et al. (1990), Indexing by latent semantic analysis.
    """
    points = _ngrams(texts, int(rng.integers(2**31)))
    drawn = np.sort(rng.choice(len(texts), min(SAMPLE, len(texts)), replace=False))
    some = [texts[i] for i in drawn.tolist()]
    sample = points if len(some) == len(texts) else _ngrams(some, int(rng.integers(2**31)))

    def reference(rng: np.random.Generator) -> Array:
        return _ngrams(shuffled(some, rng), int(rng.integers(2**31)))

    return points, sample, reference


def embedding_space(
    texts: Sequence[str], embed: Embed, rng: np.random.Generator
) -> tuple[Array, Array, Reference]:
    """Directions from an embedding model, reduced to their principal components.

    The reference is one normal cloud with the covariance of the data (as in SigClust): many words dealt at random
    would have to be embedded anew.

    Parameters
    ----------
    texts : sequence of str
    embed : callable
        From a list of n texts to an array of shape (n, any).
    rng : numpy.random.Generator

    Returns
    -------
    tuple
        Directions and strengths, ndarray, shapes (texts, r) and (r,), and the reference they are held against.

    Raises
    ------
    InputError
        The model gives something other than one finite row for each text.

    References
    ----------
    Y. Liu et al. (2008), Statistical significance of clustering for high-dimension, low-sample size data.
    """
    rows = np.asarray(embed(list(texts)), dtype=np.float64)
    if rows.ndim != 2 or len(rows) != len(texts) or not np.isfinite(rows).all():
        raise InputError(
            f"The embedding gave an array of shape {rows.shape} for {len(texts)} texts; "
            "one row of finite numbers for each text was expected."
        )
    rows = _unit(rows)
    rows = rows - rows.mean(axis=0)
    _, _, axes = np.linalg.svd(rows, full_matrices=False)
    scores = rows @ axes[:DIMENSIONS].T
    drawn = np.sort(rng.choice(len(texts), min(SAMPLE, len(texts)), replace=False))
    spread = scores[drawn].std(axis=0)

    def reference(rng: np.random.Generator) -> Array:
        return _unit(rng.normal(size=(len(drawn), len(spread))) * spread)

    return _unit(scores), _unit(scores[drawn]), reference


def load_embedding(path: str) -> Embed:
    """A sentence embedding that the operator has on this machine; nothing is ever downloaded.

    Parameters
    ----------
    path : str
        Folder of a model for sentence-transformers, which must be installed. For themes over languages it must be a
        model of many languages.

    Returns
    -------
    Embed

    Raises
    ------
    InputError
        The folder or the package is not there.
    """
    from pathlib import Path

    if not Path(path).is_dir():
        raise InputError(f"{path}: the folder of an embedding model was expected; none is there.")
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise InputError(
            "Embeddings need the package sentence-transformers, which is not installed."
        ) from error
    model = SentenceTransformer(path, device="cpu", local_files_only=True)

    def embed(texts: list[str]) -> Any:
        return model.encode(texts, show_progress_bar=False)

    return embed


def _ngrams(texts: Sequence[str], seed: int) -> Array:
    try:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError as error:
        raise InputError(
            "Text themes need scikit-learn, which is not installed: pip install scikit-learn."
        ) from error
    weigh = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 4),
        sublinear_tf=True,
        min_df=2,
        max_df=COMMON,
        lowercase=False,
        dtype=np.float32,
    )
    try:
        weights = weigh.fit_transform(texts)
    except ValueError:  # no part of a word is in more than one text and not in too many
        return np.zeros((len(texts), 1))
    size = min(DIMENSIONS, min(weights.shape) - 1)
    if size < 1:
        return np.zeros((len(texts), 1))
    return _unit(TruncatedSVD(size, random_state=seed).fit_transform(weights).astype(np.float64))


def _unit(rows: Array) -> Array:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(length > 0, rows / np.maximum(length, 1e-12), 0.0)
