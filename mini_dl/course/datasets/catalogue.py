"""The data sets of the course: what each is, its licence and source, and the files it is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import readers, stand_ins
from .contents import Download, File
from .records import Dataset


@dataclass(frozen=True)
class Entry:
    """One data set: `read` turns its checked contents into a record; `stand_in` replaces it offline."""

    name: str
    title: str
    description: str
    licence: str
    citation: str
    source: str
    read: Callable[[dict[str, bytes], dict[str, Any]], Dataset]
    downloads: tuple[Download, ...] = ()
    stand_in: Callable[[dict[str, Any]], Dataset] | None = None
    stand_in_note: str = ""

    @property
    def about(self) -> dict[str, Any]:
        """The fields that every record carries."""
        fields = ("name", "title", "description", "licence", "citation", "source")
        return {field: getattr(self, field) for field in fields}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages to choose from; empty for most sets."""
        return tuple(download.language for download in self.downloads if download.language)


def _github(repository: str, branch: str, path: str) -> tuple[str, str]:
    """Give the address at GitHub, and the same file through jsDelivr where GitHub's is blocked."""
    return (
        f"https://raw.githubusercontent.com/{repository}/{branch}/{path}",
        f"https://cdn.jsdelivr.net/gh/{repository}@{branch}/{path}",
    )


def _d2l(name: str) -> tuple[str, str]:
    """Give the two addresses of the bucket of "Dive into Deep Learning"."""
    return f"http://d2l-data.s3-accelerate.amazonaws.com/{name}", f"https://d2l-data.s3.amazonaws.com/{name}"


def _single(path: str, size: int, sha256: str, urls: tuple[str, ...], language: str = "") -> Download:
    """Describe a file that is published as it is, not compressed."""
    return Download(path, size, sha256, urls, (File(path, size, sha256),), language=language)


def _idx(
    folder: str, bases: tuple[str, ...], rows: dict[str, tuple[int, str, int, str]]
) -> tuple[Download, ...]:
    """Describe four files in MNIST's format; a row has size and sha256 of the .gz, then of its content."""
    downloads = []
    for stem, (packed_size, packed_sha256, size, sha256) in rows.items():
        path, urls = f"{folder}/{stem}.gz", tuple(f"{base}{stem}.gz" for base in bases)
        downloads.append(Download(path, packed_size, packed_sha256, urls, (File(path, size, sha256),)))
    return tuple(downloads)


_MNIST = _idx(
    "mnist",
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    {
        "train-images-idx3-ubyte": (
            9912422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            47040016,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        "train-labels-idx1-ubyte": (
            28881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            60008,
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        "t10k-images-idx3-ubyte": (
            1648877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            7840016,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        "t10k-labels-idx1-ubyte": (
            4542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            10008,
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    },
)

_FASHION = _idx(
    "fashion-mnist",
    (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ),
    {
        "train-images-idx3-ubyte": (
            26421880,
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            47040016,
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        "train-labels-idx1-ubyte": (
            29515,
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            60008,
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
        "t10k-images-idx3-ubyte": (
            4422102,
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            7840016,
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        "t10k-labels-idx1-ubyte": (
            5148,
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            10008,
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    },
)

_ENTRIES = (
    Entry(
        name="digits",
        title="1,797 handwritten digits, 8 × 8, that come with scikit-learn",
        description=(
            "x: uint8, 0 (paper) to 16 (ink), shape (n, 8, 8); y: int64, 0 to 9. There is no official "
            "split: the first 1,437 of the file are the training part, the last 360 the test part, which is "
            "harder than a random choice would be. Never needs a network."
        ),
        licence="CC BY 4.0",
        citation=(
            "Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI, doi:10.24432/C50P49"
        ),
        source="https://archive.ics.uci.edu/dataset/80",
        read=readers.digits,
    ),
    Entry(
        name="mnist",
        title="MNIST, 70,000 handwritten digits, 28 × 28",
        description=(
            "x: uint8, 0 (paper) to 255 (ink), shape (n, 28, 28); y: int64, 0 to 9. Official split: "
            "60,000 to train, 10,000 to test, by different writers."
        ),
        licence="CC BY-SA 3.0",
        citation=(
            "LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document "
            "recognition, Proceedings of the IEEE 86(11), doi:10.1109/5.726791"
        ),
        source="http://yann.lecun.com/exdb/mnist/",
        read=readers.idx_images,
        downloads=_MNIST,
        stand_in=stand_ins.enlarged_digits,
        stand_in_note=(
            "scikit-learn's digits enlarged to 28 × 28, 1,437 to train and 360 to test instead of "
            "60,000 and 10,000: every accuracy, time and picture will differ"
        ),
    ),
    Entry(
        name="fashion_mnist",
        title="Fashion-MNIST, 70,000 pictures of clothes, 28 × 28",
        description=(
            "x: uint8, 0 (background) to 255, shape (n, 28, 28); y: int64, 0 to 9, indices into class_names. "
            "Official split: 60,000 to train, 10,000 to test."
        ),
        licence="MIT",
        citation="Xiao, Rasul and Vollgraf (2017), Fashion-MNIST, arXiv:1708.07747",
        source="https://github.com/zalandoresearch/fashion-mnist",
        read=readers.fashion_images,
        downloads=_FASHION,
        stand_in=stand_ins.enlarged_digits,
        stand_in_note=(
            "scikit-learn's handwritten digits enlarged to 28 × 28, no clothes, 1,437 to train and 360 "
            "to test instead of 60,000 and 10,000: every class name, accuracy, time and picture will "
            "differ"
        ),
    ),
    Entry(
        name="tiny_shakespeare",
        title="Tiny Shakespeare, 1,115,394 characters of his plays",
        description=(
            "text: str, 65 distinct characters, speakers' names before their lines. No official split."
        ),
        licence="public domain (text); MIT (collection)",
        citation="Karpathy (2015), The Unreasonable Effectiveness of Recurrent Neural Networks",
        source="https://github.com/karpathy/char-rnn",
        read=readers.text,
        downloads=(
            _single(
                "tinyshakespeare/input.txt",
                1115394,
                "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
                (
                    *_github("karpathy/char-rnn", "master", "data/tinyshakespeare/input.txt"),
                    "https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt",
                ),
            ),
        ),
        stand_in=stand_ins.python_help,
        stand_in_note=(
            "the help texts of Python's own standard library (pydoc_data.topics), English prose on "
            "programming, half as long: the vocabulary, every loss and every sample will differ"
        ),
    ),
    Entry(
        name="names",
        title="32,033 given names of children in the United States",
        description=(
            "words: list of str, lower case a to z, 2 to 15 letters, 29,494 different ones. No split."
        ),
        licence="MIT",
        citation="Karpathy (2022), makemore",
        source="https://github.com/karpathy/makemore",
        read=readers.words,
        downloads=(
            _single(
                "names/names.txt",
                228145,
                "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d",
                _github("karpathy/makemore", "master", "names.txt"),
            ),
        ),
    ),
    Entry(
        name="time_machine",
        title="H. G. Wells, The Time Machine, 178,979 characters",
        description="text: str, with the line breaks of the printed page. No official split.",
        licence="public domain",
        citation="Wells (1895), The Time Machine",
        source="https://d2l.ai",
        read=readers.text,
        downloads=(
            _single(
                "timemachine/timemachine.txt",
                178979,
                "8424dbd9532ac81f7e5f0b6add90e6952baea29158309d7d1bf3884f4e12c516",
                _d2l("timemachine.txt"),
            ),
        ),
    ),
    Entry(
        name="tatoeba_fra_eng",
        title="167,130 English sentences with a French translation",
        description=(
            "pairs: list of (English, French), short ones first; one English sentence may stand in "
            "several pairs, so split by the English sentence. French punctuation often follows a no-break "
            "space (U+00A0 or U+202F). Edition of 2019-04-07. No official split."
        ),
        licence="CC BY 2.0",
        citation="Tatoeba, https://tatoeba.org, selected by https://www.manythings.org/anki/",
        source="https://www.manythings.org/anki/",
        read=readers.pairs,
        downloads=(
            Download(
                path="tatoeba-fra-eng/fra-eng.zip",
                size=3420152,
                sha256="fa96382b2c8b609e1662654c1e6e6baeb8d30b3bf63dfb4a5a261cc36347df13",
                urls=_d2l("fra-eng.zip"),
                files=(
                    File(
                        "tatoeba-fra-eng/fra.txt.gz",
                        11669748,
                        "0bb85dbaa1c896844649094d7eaf2e34bee34e84fe362b26ce7e8f2e12aae104",
                        "fra-eng/fra.txt",
                    ),
                ),
                kind="zip",
            ),
        ),
    ),
    Entry(
        name="sentiment_sentences",
        title="3,000 sentences from reviews, half of them positive",
        description=(
            "texts: list of str; labels: int64, 0 negative, 1 positive; origin: amazon, imdb or yelp, "
            "1,000 each, in this order. Real user text with some coarse language. No official split."
        ),
        licence="CC BY 4.0",
        citation=(
            "Kotzias, Denil, de Freitas and Smyth (2015), From group to individual labels using deep "
            "features, KDD, doi:10.1145/2783258.2783380; data doi:10.24432/C57604"
        ),
        source="https://archive.ics.uci.edu/dataset/331",
        read=readers.sentiment,
        downloads=(
            Download(
                path="sentiment-labelled-sentences/sentiment+labelled+sentences.zip",
                size=84188,
                sha256="afc26626d710899948693e1a61405dce197f57ffa719fa1130d346b4cc095343",
                urls=(
                    "https://archive.ics.uci.edu/static/public/331/sentiment+labelled+sentences.zip",
                    "https://archive.ics.uci.edu/ml/machine-learning-databases/00331/"
                    "sentiment%20labelled%20sentences.zip",
                ),
                files=tuple(
                    File(
                        f"sentiment-labelled-sentences/{name}",
                        size,
                        sha256,
                        f"sentiment labelled sentences/{name}",
                    )
                    for name, size, sha256 in (
                        (
                            "amazon_cells_labelled.txt",
                            58226,
                            "47003fc0a0d4840b00e96e715b6189bad09e7443a3da41c4cbe12ffc79f86ae3",
                        ),
                        (
                            "imdb_labelled.txt",
                            85285,
                            "aef2e49e3da25714d61175e3a6e68eeef74a20a2f914318dc3be9947ea86512d",
                        ),
                        (
                            "yelp_labelled.txt",
                            61320,
                            "c76468b7b5c6e56a0804d728345c5f84aa2142ddb214420f61cc9cfd4c00d2ea",
                        ),
                    )
                ),
                kind="zip",
            ),
        ),
    ),
    Entry(
        name="sms_spam",
        title="5,574 text messages, 747 of them spam",
        description=(
            "texts: list of str; labels: int64, 0 ham (4,827), 1 spam (747). Real messages with some "
            "coarse language. No official split."
        ),
        licence="CC BY 4.0",
        citation=(
            "Almeida, Gómez Hidalgo and Yamakami (2011), Contributions to the study of SMS spam "
            "filtering, DocEng, doi:10.1145/2034691.2034742; data doi:10.24432/C5CC84"
        ),
        source="https://archive.ics.uci.edu/dataset/228",
        read=readers.messages,
        downloads=(
            Download(
                path="sms-spam/sms+spam+collection.zip",
                size=203415,
                sha256="1587ea43e58e82b14ff1f5425c88e17f8496bfcdb67a583dbff9eefaf9963ce3",
                urls=(
                    "https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip",
                    "https://archive.ics.uci.edu/ml/machine-learning-databases/00228/smsspamcollection.zip",
                ),
                files=(
                    File(
                        "sms-spam/SMSSpamCollection",
                        477907,
                        "7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d",
                        "SMSSpamCollection",
                    ),
                ),
                kind="zip",
            ),
        ),
    ),
    Entry(
        name="penguins",
        title="Palmer penguins, 344 birds of three species, 8 columns",
        description=(
            "columns: species, island, sex (str, '' if missing); bill_length_mm, bill_depth_mm, "
            "flipper_length_mm, body_mass_g (float64, NaN if missing: two birds); year (int64, 2007 to "
            "2009). No official split."
        ),
        licence="CC0 1.0",
        citation=(
            "Gorman, Williams and Fraser (2014), PLoS ONE 9(3), doi:10.1371/journal.pone.0090081; "
            "Horst, Hill and Gorman (2020), palmerpenguins"
        ),
        source="https://allisonhorst.github.io/palmerpenguins/",
        read=readers.penguins,
        downloads=(
            _single(
                "penguins/penguins.csv",
                15241,
                "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93",
                _github("allisonhorst/palmerpenguins", "main", "inst/extdata/penguins.csv"),
            ),
        ),
    ),
    Entry(
        name="xquad",
        title="XQuAD, 1,190 questions with answers in a paragraph, the same in each language",
        description=(
            "questions: list of (id, context, question, answer, start), 240 different contexts; "
            'language="en", "es" or "de", with the same ids. A test set: there is no training part.'
        ),
        licence="CC BY-SA 4.0",
        citation=(
            "Artetxe, Ruder and Yogatama (2020), On the cross-lingual transferability of monolingual "
            "representations, ACL, arXiv:1910.11856"
        ),
        source="https://github.com/google-deepmind/xquad",
        read=readers.xquad,
        downloads=tuple(
            _single(
                f"xquad/xquad.{language}.json",
                size,
                sha256,
                _github("google-deepmind/xquad", "master", f"xquad.{language}.json"),
                language,
            )
            for language, size, sha256 in (
                ("en", 609383, "e4c57d1c9143aaa1c5d265ba5987a65f4e69528d2a98f29d6e75019b10344f29"),
                ("es", 684322, "dcbae93ec3a9f4b9e78fd834a171d6f96c1a875e10e15b7530b7e4ef4971e37e"),
                ("de", 669810, "990b5d746746ed65ed4702ea5f35f99ffa4e2f1c390c07d003642acd937916f9"),
            )
        ),
    ),
    Entry(
        name="air_passengers",
        title="Airline passengers of each month, 1949 to 1960",
        description=(
            "dates: datetime64[M], shape (144,); values: float64, thousands of passengers a month. No split."
        ),
        licence="Apache-2.0",
        citation="Box and Jenkins (1976), Time Series Analysis: Forecasting and Control, series G",
        source="https://github.com/unit8co/darts",
        read=readers.air_passengers,
        downloads=(
            _single(
                "timeseries/AirPassengers.csv",
                1746,
                "5f8b316b84545d9cfb05612298df8415ce4c44421c7012d109465564b07ebc06",
                _github("unit8co/darts", "master", "datasets/AirPassengers.csv"),
            ),
        ),
    ),
    Entry(
        name="sunspots",
        title="Sunspot number of each month, 1749 to 1983",
        description=(
            "dates: datetime64[M], shape (2820,); values: float64, mean sunspot number (no unit). No split."
        ),
        licence="Apache-2.0",
        citation="Andrews and Herzberg (1985), Data, Springer, doi:10.1007/978-1-4612-5098-2",
        source="https://github.com/unit8co/darts",
        read=readers.sunspots,
        downloads=(
            _single(
                "timeseries/monthly-sunspots.csv",
                42219,
                "4b91dd8e13bdf6a95c3034c71ceca0152269986c6a91706c6eaf50c1d50081c8",
                _github("unit8co/darts", "master", "datasets/monthly-sunspots.csv"),
            ),
        ),
    ),
    Entry(
        name="co2",
        title="CO2 in the air over Mauna Loa, each week, 1958 to 2001",
        description=(
            "dates: datetime64[D], shape (2284,), Saturdays; values: float64, parts per million, NaN in "
            "the 59 weeks without a measurement. No split."
        ),
        licence="public domain",
        citation="Keeling and Whorf (2004), Trends: A Compendium of Data on Global Change, CDIAC",
        source="https://www.statsmodels.org/stable/datasets/generated/co2.html",
        read=readers.co2,
        downloads=(
            _single(
                "timeseries/co2.csv",
                33974,
                "16695fa2786e53414e5a6b54767a3fdf5de99cfbc68617f69d1362d92776a92f",
                _github("statsmodels/statsmodels", "main", "statsmodels/datasets/co2/co2.csv"),
            ),
        ),
    ),
    Entry(
        name="seattle_weather",
        title="Weather in Seattle, each day, 2012 to 2015",
        description=(
            "dates: datetime64[D], shape (1461,); values: float64, shape (1461, 4): precipitation in "
            "mm, highest and lowest temperature in °C, wind in m/s; labels: drizzle, fog, rain, snow or "
            "sun. No split."
        ),
        licence="public domain",
        citation="National Oceanic and Atmospheric Administration (NOAA), collected in vega-datasets",
        source="https://github.com/vega/vega-datasets",
        read=readers.seattle_weather,
        downloads=(
            _single(
                "timeseries/seattle-weather.csv",
                48219,
                "0845078a290b48e3149ab8639966824110a251db4e06fc144c06ebb534af23be",
                _github("vega/vega-datasets", "main", "data/seattle-weather.csv"),
            ),
        ),
    ),
    Entry(
        name="spoken_digits",
        title="Free Spoken Digit Dataset 1.0.10, 3,000 recordings by 6 speakers",
        description=(
            "x: list of int16 arrays of different lengths, mono, 8,000 samples a second; y: int64, 0 to "
            "9; speaker: str. Official split: recordings 0 to 4 of each digit and speaker are the test "
            "part (300), the other 45 the training part (2,700). Both parts have all speakers."
        ),
        licence="CC BY-SA 4.0",
        citation="Jackson et al. (2016), Free Spoken Digit Dataset, doi:10.5281/zenodo.1342401",
        source="https://github.com/Jakobovski/free-spoken-digit-dataset",
        read=readers.spoken_digits,
        downloads=(
            Download(
                path="fsdd/free-spoken-digit-dataset-1.0.10.tar.gz",
                size=16_000_000,
                sha256="",
                urls=(
                    "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/v1.0.10.tar.gz",
                    "https://codeload.github.com/Jakobovski/free-spoken-digit-dataset/tar.gz/refs/tags/v1.0.10",
                ),
                files=(
                    File(
                        "fsdd/free-spoken-digit-dataset-1.0.10-recordings.tar.gz",
                        21128848,
                        "04e1baae96c6a26e39c623f2b01d0182ddae627ba0ac02a3cdc17ba2af99fd9b",
                        "recordings/*.wav",
                    ),
                ),
                kind="recordings",
            ),
        ),
    ),
)

CATALOGUE: dict[str, Entry] = {entry.name: entry for entry in _ENTRIES}
