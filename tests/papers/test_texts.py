"""Texts from a file and from the hub, packed as SAELens packs them."""

import pytest
import torch

from saecore.papers.texts import packed_texts, texts


class Letters:
    """A model whose tokens are letters."""

    bos = 0

    def encode(self, text):
        return [self.bos, *(ord(letter) for letter in text)]


def test_documents_follow_each_other_behind_the_first_token():
    found = packed_texts(["abc", "defg", "hi"], Letters(), rows=6, context=4)
    letters = ["".join(chr(i) for i in row[1:].tolist()) for row in found]
    assert letters == ["abc", "def"]
    assert torch.equal(found[:, 0], torch.zeros(2, dtype=torch.long))


def test_too_little_text_is_told():
    with pytest.raises(ValueError, match="at least two texts of 4 tokens, but"):
        packed_texts(["abcd"], Letters(), rows=100, context=4)


def test_a_file_is_one_document_and_must_be_text(tmp_path):
    (tmp_path / "a.txt").write_text("some text")
    assert texts(tmp_path / "a.txt") == ["some text"]
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="a text file in UTF-8, but"):
        texts(tmp_path / "b.txt")


def test_the_data_set_of_the_table_is_fetched(served):
    found = texts(None)
    assert len(found) == 300
    assert "king" in found[0]
