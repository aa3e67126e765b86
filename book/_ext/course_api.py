"""The reference of ``mini_dl`` in the book: written from docstrings, each entry with a link to its source.

A page names what it shows in a comment, ``<!-- api: mini_dl.optim: SGD Adam -->``; after a class may
stand its methods, ``Tensor(backward item)``. Here these comments become autodoc's directives, and

- ops are shown as their users see them: tensors go in and come out, not the arrays they work on inside;
- the engine's docstrings, which let an example or a source follow the last section without a headline,
  get that headline, as the NumPy format wants it;
- words in `backquotes` are code, and a link where they are a public name;
- every entry says under which name PyTorch has the same, since the engine's names are PyTorch's.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

MARK = re.compile(r"^<!-- api: (?P<module>[\w.]+):\s(?P<names>.+?) -->$", flags=re.MULTILINE | re.DOTALL)
NAME = re.compile(r"(?P<name>\w+)(?:\((?P<members>[\w\s]*)\))?")
SIGNATURE = re.compile(r'<dt class="sig .*?</dt>', flags=re.DOTALL)
UNDERLINE = re.compile(r"-{3,}")
# where PyTorch has what the engine has, in the order in which a name is looked up
PYTORCH = {
    "mini_dl": "torch",
    "mini_dl.autograd": "torch.autograd",
    "mini_dl.data": "torch.utils.data",
    "mini_dl.nn": "torch.nn",
    "mini_dl.nn.functional": "torch.nn.functional",
    "mini_dl.nn.init": "torch.nn.init",
    "mini_dl.nn.utils": "torch.nn.utils",
    "mini_dl.optim": "torch.optim",
}
NOT_IN_PYTORCH = {
    "mini_dl.keep_freed_memory": "a setting of the C library",
    "mini_dl.op": "there torch.autograd.Function",
    "mini_dl.nn.functional.rnn": "there only as the layer torch.nn.RNN",
    "mini_dl.nn.functional.lstm": "there only as the layer torch.nn.LSTM",
    "mini_dl.nn.functional.gru": "there only as the layer torch.nn.GRU",
    "mini_dl.nn.init.fans": "there private",
    "mini_dl.nn.init.lecun_normal_": "there init.normal_ with std = fan_in ** -0.5",
    "mini_dl.Tensor.graph": "drawing is ours",
}
ELSEWHERE = {
    "mini_dl.bool_": "torch.bool",
    "mini_dl.autograd.detect_anomaly": "torch.autograd.detect_anomaly",
    "mini_dl.nn.functional.sigmoid": "torch.sigmoid",
    "mini_dl.nn.functional.tanh": "torch.tanh",
    "mini_dl.nn.functional.logsumexp": "torch.logsumexp",
    "mini_dl.pad": "torch.nn.functional.pad",
    "mini_dl.one_hot": "torch.nn.functional.one_hot",
    "mini_dl.to": "torch.Tensor.to",
    "mini_dl.expand": "torch.Tensor.expand",
    "mini_dl.optim.clip_grad_norm_": "torch.nn.utils.clip_grad_norm_",
    "mini_dl.optim.clip_grad_value_": "torch.nn.utils.clip_grad_value_",
}


def pytorch_name(name: str) -> str | None:
    """Return PyTorch's name of something public in the engine; None if it has none.

    >>> pytorch_name("mini_dl.optim.StepLR")
    'torch.optim.lr_scheduler.StepLR'
    """
    if name in NOT_IN_PYTORCH or name.startswith("mini_dl.course"):
        return None
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    module, _, last = name.rpartition(".")
    if module == "mini_dl.optim" and last.endswith("LR"):
        return f"torch.optim.lr_scheduler.{last}"
    if module == "mini_dl.Tensor":
        return f"torch.Tensor.{last}"
    return f"{PYTORCH[module]}.{last}" if module in PYTORCH else None


# --- from the comments in the pages to autodoc's directives --------------------------------------


def entries(text: str) -> list[tuple[str, str, str]]:
    """Return (module, name, methods) for each entry that a page asks for.

    >>> entries("<!-- api: mini_dl: Tensor(item) zeros -->")
    [('mini_dl', 'Tensor', 'item'), ('mini_dl', 'zeros', '')]
    """
    return [
        (mark["module"], entry["name"], entry["members"] or "")
        for mark in MARK.finditer(text)
        for entry in NAME.finditer(mark["names"])
    ]


def _directives(module: str, names: str) -> str:
    lines = ["```{eval-rst}", f".. py:currentmodule:: {module}", ""]
    for _, name, members in entries(f"<!-- api: {module}: {names} -->"):
        thing = getattr(importlib.import_module(module), name, None)
        if thing is None:
            raise ExtensionError(f"a page of the reference names {module}.{name}, which does not exist")
        kind = "class" if inspect.isclass(thing) else "function" if callable(thing) else "data"
        lines += [f".. auto{kind}:: {module}.{name}"]
        if members:
            lines += [f"   :members: {', '.join(members.split())}", "   :member-order: bysource"]
        lines += [""]
    return "\n".join([*lines, "```"])


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put autodoc's directives in place of the comments of a page."""
    source[0] = MARK.sub(lambda mark: _directives(mark["module"], mark["names"]), source[0])


# --- docstrings and signatures ------------------------------------------------------------------


def names_of(module: Any) -> list[str]:
    """Return the public names of a module: its ``__all__``, or else what it defines."""
    if module.__name__ == "mini_dl.autograd":  # the rest is the machine behind Tensor.backward
        return ["detect_anomaly", "gradcheck", "no_grad"]
    own = [n for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__]
    return list(getattr(module, "__all__", [n for n in own if not n.startswith("_")]))


@functools.cache
def public_names() -> dict[str, str]:
    """Return for each public name of the engine, and for where it is defined, its full public name."""
    found = {name: f"mini_dl.Tensor.{name}" for name in ("backward", "detach", "grad", "item")}
    for module_name in reversed(PYTORCH):
        module = importlib.import_module(module_name)
        for name in names_of(module):
            thing, full = getattr(module, name), f"{module_name}.{name}"
            if not inspect.ismodule(thing):
                found[name] = full
                found[f"{getattr(thing, '__module__', '')}.{name}"] = full
    return found


def signature(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, text: str | None, result: str | None
) -> tuple[str | None, str | None]:
    """Show an op as its users see it, and types by their public names."""
    is_op = getattr(getattr(thing, "__code__", None), "co_name", "") == "operation"  # made by `op`

    def shown(part: str | None) -> str | None:
        if part is None:
            return None
        if is_op:
            part = re.sub(r"~?(numpy\.)?ndarray\b", "Tensor", part)
        part = re.sub(r"~?mini_dl(?:\.\w+)+", lambda m: "~" + _public(m.group().lstrip("~")), part)
        return re.sub(r"~(?:\w+\.)*(\w+)", r"\1", part).replace("Array", "ndarray")

    return shown(text), "Tensor" if is_op else shown(result)


def _public(name: str) -> str:
    return public_names().get(name, name).rpartition(".")[2]


def headlines(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Give an example or a paragraph after the last section a headline, before napoleon reads it."""
    out: list[str] = []
    section = False
    for i, line in enumerate(lines):
        if UNDERLINE.fullmatch(line.strip()) and i and lines[i - 1].strip():
            section = True
        starts = bool(line.strip()) and not line[0].isspace() and i > 0 and not lines[i - 1].strip()
        following = lines[i + 1] if i + 1 < len(lines) else ""
        if section and starts and not UNDERLINE.fullmatch(following.strip()):
            example = line.startswith(">>>")
            if example or not following.startswith(" "):  # not the next item of the section
                out += ["Examples", "--------"] if example else ["Notes", "-----"]
                section = False
        out.append(line)
    there = pytorch_name(name)
    if there and what not in ("property", "attribute"):
        at = next((i for i, line in enumerate(out) if not line.strip()), len(out))
        out[at:at] = ["", f":course-pytorch:`{there}`", ""]
    lines[:] = out


def code_role(
    role: str, rawtext: str, text: str, lineno: int, inliner: Any, options: Any = None, content: Any = ()
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Set words in backquotes as code; link those that are a public name."""
    literal = nodes.literal(text, text, classes=["code"])
    full = public_names().get(text.removesuffix("()"))
    if full is None:
        return [literal], []
    link = addnodes.pending_xref("", literal, refdomain="py", reftype="obj", reftarget=full, refexplicit=True)
    link["refdoc"] = inliner.document.settings.env.docname
    return [link], []


def pytorch_role(
    role: str, rawtext: str, text: str, lineno: int, inliner: Any, options: Any = None, content: Any = ()
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Set PyTorch's name of an entry as a small note."""
    parts = [nodes.Text("In PyTorch: "), nodes.literal(text, text, classes=["code"])]
    return [nodes.inline("", "", *parts, classes=["course-pytorch"])], []


def signature_lines(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Set the lines of a long signature as lines: Sphinx writes a list of definitions without terms."""

    def mended(match: re.Match[str]) -> str:
        text = re.sub(r"<dl>|<dd>", lambda m: f'<span class="course-{m.group()[1:3]}">', match.group())
        return re.sub(r"</dl>|</dd>", "</span>", text)

    if "body" in context:
        context["body"] = SIGNATURE.sub(mended, context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect everything."""
    for extension in ("autodoc", "napoleon", "viewcode"):
        app.setup_extension(f"sphinx.ext.{extension}")
    config = app.config
    config.autodoc_typehints_format = "short"
    config.napoleon_use_param = False  # "x, y" of one description stay together
    config.napoleon_use_rtype = False
    config.python_maximum_signature_line_length = 60
    config.default_role = "course-code"
    config.toc_object_entries_show_parents = "hide"
    # types and errors that are not the engine's have no entry here to link to
    elsewhere = (r"py:.*", r"(?!mini_dl\.).*|mini_dl\.course\..*")
    config.nitpick_ignore_regex = [*config.nitpick_ignore_regex, elsewhere]
    app.add_role("course-code", code_role)
    app.add_role("course-pytorch", pytorch_role)
    app.connect("source-read", fill)
    app.connect("autodoc-process-signature", signature)
    app.connect("autodoc-process-docstring", headlines, priority=400)  # napoleon's is 500
    app.connect("html-page-context", signature_lines)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
