"""From checked contents to records: one short function for each form of file."""

import csv
import io
import json
import wave
from typing import Any

import numpy as np

from .records import (
    Images,
    LabelledTexts,
    Pairs,
    Question,
    Questions,
    Series,
    Sounds,
    Table,
    Text,
    Words,
)

Contents = dict[str, bytes]
About = dict[str, Any]

DIGIT_NAMES = tuple("0123456789")


def idx(content: bytes) -> np.ndarray:
    """Read the IDX format of MNIST: two zero bytes, 8 for uint8, the number of axes, their lengths, the data.

    Examples
    --------
    >>> idx(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]))
    array([7, 8, 9], dtype=uint8)
    """
    if content[:3] != b"\x00\x00\x08":
        raise ValueError(f"not an IDX file of bytes: it begins {content[:4]!r}, not b'\\x00\\x00\\x08'")
    axes = content[3]
    shape = np.frombuffer(content, ">u4", count=axes, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape.astype(int)).copy()


def idx_images(contents: Contents, about: About, class_names: tuple[str, ...] = DIGIT_NAMES) -> Images:
    """MNIST and the sets in its format."""
    return Images(
        x_train=idx(contents["train-images-idx3-ubyte"]),
        y_train=idx(contents["train-labels-idx1-ubyte"]).astype(np.int64),
        x_test=idx(contents["t10k-images-idx3-ubyte"]),
        y_test=idx(contents["t10k-labels-idx1-ubyte"]).astype(np.int64),
        class_names=class_names,
        max_value=255,
        **about,
    )


def fashion_images(contents: Contents, about: About) -> Images:
    """Fashion-MNIST."""
    clothes = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
    return idx_images(contents, about, class_names=tuple(clothes.split(",")))


def digits(contents: Contents, about: About) -> Images:
    """Read the digits that come with scikit-learn; there is nothing to unpack."""
    from sklearn.datasets import load_digits

    images, labels = load_digits().images.astype(np.uint8), load_digits().target.astype(np.int64)
    train = 1437  # four fifths, in the order of the file
    return Images(
        x_train=images[:train],
        y_train=labels[:train],
        x_test=images[train:],
        y_test=labels[train:],
        class_names=DIGIT_NAMES,
        max_value=16,
        **about,
    )


def text(contents: Contents, about: About) -> Text:
    """Read one text, in UTF-8."""
    (content,) = contents.values()
    return Text(text=content.decode("utf-8"), **about)


def words(contents: Contents, about: About) -> Words:
    """Read one word a line."""
    (content,) = contents.values()
    return Words(words=content.decode("utf-8").split(), **about)


def _lines(content: bytes) -> list[str]:
    """Split at line feeds alone: `str.splitlines` would also break at U+0085, found inside sentences."""
    return content.decode("utf-8").removesuffix("\n").split("\n")


def pairs(contents: Contents, about: About) -> Pairs:
    """Read English, a tab, French."""
    (content,) = contents.values()
    both = [line.split("\t") for line in _lines(content)]
    return Pairs(
        pairs=[(english, french) for english, french in both], languages=("English", "French"), **about
    )


def sentiment(contents: Contents, about: About) -> LabelledTexts:
    """Read sentence, tab, 0 or 1, in one file for each origin."""
    texts, labels, origin = [], [], []
    for name in ("amazon_cells_labelled.txt", "imdb_labelled.txt", "yelp_labelled.txt"):
        for line in _lines(contents[name]):
            sentence, label = line.rsplit("\t", 1)  # the last tab: a sentence may hold one itself
            texts.append(sentence)
            labels.append(int(label))
            origin.append(name.split("_")[0])
    return LabelledTexts(
        texts=texts,
        labels=np.array(labels, np.int64),
        class_names=("negative", "positive"),
        origin=np.array(origin),
        **about,
    )


def messages(contents: Contents, about: About) -> LabelledTexts:
    """Read ham or spam, a tab, the message."""
    (content,) = contents.values()
    kinds = ("ham", "spam")
    both = [line.split("\t", 1) for line in _lines(content)]
    return LabelledTexts(
        texts=[message for _, message in both],
        labels=np.array([kinds.index(kind) for kind, _ in both], np.int64),
        class_names=kinds,
        **about,
    )


def _columns(contents: Contents) -> dict[str, list[str]]:
    (content,) = contents.values()
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8")))
    return {name: [row[i] for row in rows] for i, name in enumerate(header)}


def _numbers(column: list[str]) -> np.ndarray:
    return np.array([float(cell) if cell not in ("", "NA") else np.nan for cell in column])


def penguins(contents: Contents, about: About) -> Table:
    """Read four measures, three words and a year for each penguin."""
    columns: dict[str, np.ndarray] = {}
    for name, column in _columns(contents).items():
        if name in ("species", "island", "sex"):
            columns[name] = np.array(["" if cell == "NA" else cell for cell in column])
        elif name == "year":
            columns[name] = np.array(column).astype(np.int64)
        else:
            columns[name] = _numbers(column)
    return Table(columns=columns, **about)


def xquad(contents: Contents, about: About) -> Questions:
    """Read the SQuAD 1.1 format: articles → paragraphs → questions, each with one answer."""
    ((name, content),) = contents.items()
    questions = [
        Question(
            id=qa["id"],
            context=paragraph["context"],
            question=qa["question"],
            answer=qa["answers"][0]["text"],
            start=qa["answers"][0]["answer_start"],
        )
        for article in json.loads(content)["data"]
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    ]
    return Questions(questions=questions, language=name.split(".")[1], **about)


def _series(contents: Contents, about: About, variable: str, unit: str) -> Series:
    """Read two columns: the date and the value."""
    dates, values = _columns(contents).values()
    if len(dates[0]) == len("19580329"):
        dates = [f"{date[:4]}-{date[4:6]}-{date[6:]}" for date in dates]
    return Series(
        dates=np.array(dates, "datetime64"),
        values=_numbers(values),
        variables=(variable,),
        units=(unit,),
        **about,
    )


def air_passengers(contents: Contents, about: About) -> Series:
    """Read one value a month."""
    return _series(contents, about, "passengers", "thousands a month")


def sunspots(contents: Contents, about: About) -> Series:
    """Read one value a month."""
    return _series(contents, about, "sunspot number", "no unit")


def co2(contents: Contents, about: About) -> Series:
    """Read one value a week; weeks without a measurement are NaN."""
    return _series(contents, about, "CO2", "parts per million")


def seattle_weather(contents: Contents, about: About) -> Series:
    """Read four measures and a word a day."""
    columns = _columns(contents)
    variables = ("precipitation", "temp_max", "temp_min", "wind")
    return Series(
        dates=np.array(columns["date"], "datetime64[D]"),
        values=np.stack([_numbers(columns[name]) for name in variables], axis=1),
        variables=variables,
        units=("mm", "°C", "°C", "m/s"),
        labels=np.array(columns["weather"]),
        **about,
    )


def _samples(content: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(content)) as recording:
        if (recording.getnchannels(), recording.getsampwidth(), recording.getframerate()) != (1, 2, 8000):
            raise ValueError(f"a recording is not 8 kHz mono with 16 bits: {recording.getparams()}")
        return np.frombuffer(recording.readframes(recording.getnframes()), "<i2").astype(np.int16)


def spoken_digits(contents: Contents, about: About) -> Sounds:
    """Read recordings named digit_speaker_number.wav; the numbers 0 to 4 are the test set."""
    parts: dict[str, tuple[list, list, list]] = {"train": ([], [], []), "test": ([], [], [])}

    def order(name: str) -> tuple[str, str, int]:
        digit, speaker, number = name.removesuffix(".wav").split("_")
        return digit, speaker, int(number)

    for name in sorted(contents, key=order):
        digit, speaker, number = order(name)
        waves, labels, speakers = parts["test" if number < 5 else "train"]
        waves.append(_samples(contents[name]))
        labels.append(int(digit))
        speakers.append(speaker)
    fields: dict[str, Any] = {}
    for part, (waves, labels, speakers) in parts.items():
        fields[f"x_{part}"] = waves
        fields[f"y_{part}"] = np.array(labels, np.int64)
        fields[f"speaker_{part}"] = np.array(speakers)
    return Sounds(class_names=DIGIT_NAMES, rate=8000, **fields, **about)
