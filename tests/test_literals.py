"""Literals and templates to parts and back."""

import ast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.literals import LiteralError, bound_order, normal, parse_literal, parse_text, render_literal, render_text
from harness.types import Parts, TemplateKind, Variable

TEXT = st.text(
    alphabet=st.one_of(st.sampled_from("{}\"'\\\n\r\t #ab:!N"), st.characters(exclude_categories=["Cs"])), max_size=30
)
FIELDS = st.sampled_from(["{ticket}", "{state['x']!r:>10}", "{x:.2f}", '{d["k"]}', "{f(a, b=[1, {2: 3}])}", "{w:{n}}"])
LIKES = ["'a'", '"a"', '"""a\nb"""', "'''a'''", "r'a'", 'r"""a\\d\n"""', "\"a\" 'b'", '("a"\n "b")', '"""\\\na\n"""']


def parts_of(fields: st.SearchStrategy[str], template: TemplateKind) -> st.SearchStrategy[Parts]:
    if template == "fstring":
        variable = fields.map(lambda source: parse_literal(f'f"""{source}"""', template)[0])
    else:
        variable = fields.map(lambda source: parse_text(source, template)[0])
    return st.lists(st.one_of(TEXT, variable), max_size=6).map(tuple)


@pytest.mark.parametrize(
    ("code", "template", "parts"),
    [
        ("'a' \"b\"  # c\n 'c'", "plain", ("abc",)),
        ("'a' + ('b' + \"c\")", "plain", ("abc",)),
        ("f'{a} {{b}} {c!r:>{w}}'", "fstring", (("a", "{a}"), " {b} ", ("c", "{c!r:>{w}}"))),
        ("'x ' f'{a}'", "fstring", ("x ", ("a", "{a}"))),
        ("f\"{d['k']} \\{a}\"", "fstring", (("d['k']", "{d['k']}"), " \\", ("a", "{a}"))),
        ("f'\\N{EM DASH}{a}'", "fstring", ("—", ("a", "{a}"))),
        ("rf'\\d{a}'", "fstring", ("\\d", ("a", "{a}"))),
        ("f'{x if x != y else (lambda: 1)()}'", "fstring", (("x if x != y else (lambda: 1)()",) * 1,)),
        ("'{a} {{b}} {c[0].d!s:>5}'", "format", (("a", "{a}"), " {b} ", ("c[0].d", "{c[0].d!s:>5}"))),
        ("'{{ a }} {% if b %}'", "jinja", (("a", "{{ a }}"), " ", ("if b", "{% if b %}"))),
    ],
)  # fmt: skip
def test_a_literal_reads_as_python_and_its_template_do(code: str, template: str, parts: tuple[object, ...]) -> None:
    wanted = tuple(p if isinstance(p, str) else Variable(p[0], p[-1] if len(p) > 1 else f"{{{p[0]}}}") for p in parts)
    assert parse_literal(code, template) == wanted


@pytest.mark.parametrize(
    ("code", "template"),
    [
        ("b'a'", "plain"),
        ("name", "plain"),
        ("'{a'", "format"),
        ("'a}'", "format"),
        ("f'{x=}'", "fstring"),
        ("f'{a}'", "format"),
    ],
)
def test_what_is_no_such_literal_is_refused(code: str, template: str) -> None:
    with pytest.raises(LiteralError):
        parse_literal(code, template)


@given(
    parts=parts_of(FIELDS, "fstring"),
    like=st.sampled_from(LIKES).map(lambda like: like if like[0] in "r(" else f"f{like}"),
)
@example(parts=('say "hi"""', Variable("x", "{x}"), '"'), like='f"""a"""')
@example(parts=("\\", Variable("x", "{x}")), like="f'a'")
def test_an_fstring_carries_any_text(parts: Parts, like: str) -> None:
    code = render_literal(parts, "fstring", like)
    assert parse_literal(code, "fstring") == normal(parts)
    tree = ast.parse(code, mode="eval").body
    read = "".join(v.value for v in tree.values if isinstance(v, ast.Constant))
    assert read == "".join(p for p in parts if isinstance(p, str))


@given(parts=parts_of(st.sampled_from(["{ticket}", "{x!r:>5}", "{d[k]}"]), "format"), like=st.sampled_from(LIKES))
def test_a_format_template_fills_as_the_parts_say(parts: Parts, like: str) -> None:
    code = render_literal(parts, "format", like)
    assert parse_literal(code, "format") == normal(parts)
    values = {"ticket": "T", "x": "X", "d": {"k": "K"}}
    filled = "".join(p if isinstance(p, str) else p.source.format(**values) for p in parts)
    assert ast.literal_eval(code).format(**values) == filled


@given(text=TEXT, like=st.sampled_from(LIKES), encoding=st.sampled_from(["utf-8", "latin-1", "ascii"]))
def test_a_plain_literal_carries_any_text_in_any_encoding(text: str, like: str, encoding: str) -> None:
    code = render_literal((text,), "plain", like, encoding)
    assert ast.literal_eval(code) == text
    code.encode(encoding)


def test_the_style_of_the_literal_is_kept() -> None:
    assert render_literal(("it's",), "plain", "'a'") == "'it\\'s'"
    assert render_literal(("a\nb",), "plain", '"a"') == '"""a\nb"""'
    assert render_literal(("\\d+",), "plain", "r'a'") == "r'\\d+'"
    assert render_literal(("a\n{j}",), "format", '"""\\\na\n"""') == '"""\\\na\n{{j}}"""'


def test_jinja_has_no_way_to_write_its_own_braces() -> None:
    with pytest.raises(LiteralError):
        render_text(("say {{ x }}",), "jinja")
    assert render_text(('{"a": 1}', Variable("x", "{{ x }}")), "jinja") == '{"a": 1}{{ x }}'


@pytest.mark.parametrize(
    ("like", "text", "code"),
    [
        ("'caf\\u00e9 \\x41 b'", "café A b c", "'caf\\u00e9 \\x41 b c'"),
        ('"""\\\na \\\nb\n"""', "a b\nc\n", '"""\\\na \\\nb\nc\n"""'),
        ("'a '  # why\n   \"b\" 'c'", "a bB c", "'a '  # why\n   \"bB \" 'c'"),
        ("'a\\n'\n 'b\\n'", "a\nb\nit's\nd", "'a\\n'\n 'b\\n'\n 'it\\'s\\n'\n 'd'"),
        ("'a\\n'\n 'b\\n'", "x\ny\na\nb\n", "'x\\n'\n 'y\\n'\n 'a\\n'\n 'b\\n'"),
        ("'a ' + 'b'", "a c", "'a ' + 'c'"),
        ("r'\\d' '\\n'", "\\d\\w\n", "r'\\d\\w' '\\n'"),
    ],
)
def test_what_did_not_change_stays_as_it_was_written(like: str, text: str, code: str) -> None:
    assert render_literal((text,), "plain", like) == code


def test_fields_and_doubled_braces_stay_as_they_were_written() -> None:
    like = "f'{a!r} {{x}} '\n  'b'  # c\n  f'\\N{EM DASH} {b}'"
    parts = parse_literal(like, "fstring")
    assert render_literal((*parts, " {so}"), "fstring", like) == like[:-1] + " {{so}}'"
    assert render_literal(("Now: ", *parts), "fstring", like) == like.replace("f'{a!r}", "f'Now: {a!r}")


@pytest.mark.parametrize(
    ("template", "text", "parts", "written"),
    [
        ("mustache", "a {{x}} {{{y}}} {{#z}}b{{/z}}", ("a ", "x", " ", "y", " ", "z", "b", "z"), ""),
        (
            "jinja",
            "a {{ '}}' }} {# no #} {%- if x -%}b{% endif %}",
            ("a ", "'}}'", " ", "no", " ", "if x", "b", "endif"),
            "",
        ),
        ("jinja", "{% raw %}{{ x }}{% endraw %} b", ("raw %}{{ x }}{% endraw", " b"), ""),
        ("dollar", "a $x ${y} $$1", ("a ", "x", " ", "y", " $1"), "$$"),
        ("percent", "a %(x)s %5.2f 100 %%", ("a ", "x", " ", "%5.2f", " 100 %"), "%%"),
    ],
)  # fmt: skip
def test_every_kind_of_template_is_read_and_written(
    template: TemplateKind, text: str, parts: tuple[str, ...], written: str
) -> None:
    found = parse_text(text, template)
    assert tuple(p if isinstance(p, str) else p.name for p in found) == parts
    assert render_text(found, template) == text
    if written:
        assert render_text((written[0],), template) == written


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("jinja", "a {{ b"),
        ("jinja", "a {% b }}"),
        ("mustache", "{{a}"),
        ("mustache", "{{=<% %>=}}"),
        ("dollar", "$ a"),
        ("percent", "5 %"),
    ],
)
def test_what_is_no_such_template_is_an_error(template: TemplateKind, text: str) -> None:
    with pytest.raises(LiteralError):
        parse_text(text, template)


def test_variables_that_are_filled_by_position_are_told_from_those_by_name() -> None:
    assert bound_order(parse_text("{} {x} {!r} {:>3}", "format"), "format") == ("{}", "{!r}", "{:>3}")
    assert bound_order(parse_text("%s %(x)s", "percent"), "percent") == ("%s",)
    assert bound_order(parse_text("{{ x }} {{ y }}", "jinja"), "jinja") == ()
    assert bound_order(parse_text("{% if x %}{{ y }}{% endif %}", "jinja"), "jinja") == (
        "{% if x %}",
        "{{ y }}",
        "{% endif %}",
    )
