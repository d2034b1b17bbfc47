//! What of a template is refused before it is compiled, because fuel does not see it.
//!
//! In: a template's text. Out: why it is refused. minijinja recurses over long chains of operators,
//! and a list that holds another twice (`[x, x]`) costs nothing to make but doubles what writing it
//! costs: sixty of them are a thousand years. So chains have a length, and lists and maps may refer
//! to the template's own variables a few times only; where something can be repeated with what was
//! made before, not at all: beside macros, blocks, recursive loops, templates that include one another,
//! and namespaces that hold more than texts and numbers.

use std::collections::{BTreeMap, HashSet};

/// The most operators in one tag, and the most `elif`.
const OPERATORS: usize = 150;

/// How often lists and maps may refer to the template's own variables: 81 times as much at most.
const REFERENCES: usize = 12;

/// Filters that make lists of lists, or of what they are given.
const NESTING_FILTERS: &[&str] = &["batch", "slice", "groupby", "zip", "chain", "map"];

/// Filters that make a text or a number of a value, with which `map` makes no more of a list.
const PLAIN_FILTERS: &[&str] = &[
    "capitalize",
    "float",
    "int",
    "json",
    "length",
    "lower",
    "one_line",
    "string",
    "title",
    "tojson",
    "trim",
    "upper",
    "yaml",
];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token<'t> {
    Name(&'t str),
    /// A number, or a text in its quotes.
    Literal(&'t str),
    Sign(char),
}

/// Why a template is refused, if it is: names and texts, of what it may include too.
pub fn refused(sources: &[(&str, &str)]) -> Option<String> {
    let mut tags = Vec::new();
    let mut included = BTreeMap::new();
    for (name, source) in sources {
        let own = read_tags(source);
        let names: Vec<_> = own.iter().filter_map(|tag| include(tag)).collect();
        included.insert(*name, names);
        tags.extend(own);
    }
    let own_templates: HashSet<&str> = included.keys().copied().collect();
    let includes_end = end(included);
    let first = |tag: &[Token<'_>]| match tag.first() {
        Some(Token::Name(name)) => Some((*name).to_owned()),
        _ => None,
    };
    let elifs = tags
        .iter()
        .filter(|tag| first(tag).as_deref() == Some("elif"));
    if elifs.count() > OPERATORS {
        return Some(format!(
            "expected at most {OPERATORS} `elif` in a template, found more"
        ));
    }
    if tags
        .iter()
        .any(|tag| tag.iter().filter(|token| is_operator(token)).count() > OPERATORS)
    {
        return Some(format!(
            "expected at most {OPERATORS} operators and brackets in one tag of a template, found more"
        ));
    }
    let own = own_names(&tags);
    let references: usize = tags.iter().map(|tag| references(tag, &own)).sum();
    let repeats = tags
        .iter()
        .find_map(|tag| repeated(tag, &own_templates, includes_end));
    match repeats {
        Some(what) if references > 0 => Some(format!(
            "expected no list or map of the template's own variables beside {what}"
        )),
        None if references > REFERENCES => Some(format!(
            "expected lists and maps of a template to refer to its own variables at most {REFERENCES} times, found {references}"
        )),
        _ => None,
    }
}

/// The name of the template that the tag includes, if it says one.
fn include<'t>(tag: &[Token<'t>]) -> Option<&'t str> {
    match tag {
        [Token::Name("include"), Token::Literal(name)]
        | [
            Token::Name("include"),
            Token::Literal(name),
            Token::Sign('-'),
        ] => Some(name.trim_matches(['"', '\''])),
        _ => None,
    }
}

/// Do all includes come to an end? What is not among the sources includes nothing.
fn end(mut included: BTreeMap<&str, Vec<&str>>) -> bool {
    loop {
        let names: HashSet<&str> = included.keys().copied().collect();
        included.retain(|_, inner| inner.iter().any(|name| names.contains(name)));
        if included.len() == names.len() {
            return included.is_empty();
        }
    }
}

/// By what the tag lets something be done again with what was made before.
fn repeated(
    tag: &[Token<'_>],
    templates: &HashSet<&str>,
    includes_end: bool,
) -> Option<&'static str> {
    const HOLDS_MORE: Option<&str> = Some("a `namespace` that holds more than texts and numbers");
    let has = |wanted: &str| tag.contains(&Token::Name(wanted));
    match tag {
        [Token::Name("macro" | "call"), ..] => Some("a macro"),
        [Token::Name("include"), ..] if includes_end && include(tag).is_some() => None,
        // The program's own, which call nothing of the user's.
        [Token::Name("import" | "from"), Token::Literal(name), ..]
            if !templates.contains(name.trim_matches(['"', '\''])) =>
        {
            None
        }
        [
            Token::Name("include" | "import" | "from" | "extends" | "block"),
            ..,
        ] => Some("blocks and templates that include one another"),
        [Token::Name("for"), ..] if has("recursive") => Some("a recursive loop"),
        [
            Token::Name("set"),
            Token::Name(_),
            Token::Sign('.'),
            Token::Name(_),
            Token::Sign('='),
            value @ ..,
        ] if is_plain(value) => None,
        [Token::Name("set"), Token::Name(_), Token::Sign('.'), ..] => HOLDS_MORE,
        [
            Token::Name("set"),
            Token::Name(_),
            Token::Sign('='),
            Token::Name("namespace"),
            given @ ..,
        ] if given.iter().all(is_constant) => None,
        _ if has("namespace") => HOLDS_MORE,
        _ => None,
    }
}

/// Is the value a text or a number: a constant, parts joined by `~`, or a sum with a number?
fn is_plain(value: &[Token<'_>]) -> bool {
    let value = value.strip_suffix(&[Token::Sign('-')]).unwrap_or(value);
    let is_part = |token: &Token<'_>| match token {
        Token::Name(name) => !matches!(*name, "if" | "else" | "and" | "or" | "not" | "in" | "is"),
        Token::Literal(_) => true,
        Token::Sign(sign) => matches!(sign, '.' | '~' | '+'),
    };
    let is_number = |token: Option<&Token<'_>>| match token {
        Some(Token::Literal(text)) => text.starts_with(|first: char| first.is_ascii_digit()),
        _ => false,
    };
    let is_sum = value.contains(&Token::Sign('+')) && is_number(value.last());
    let is_joined = value.contains(&Token::Sign('~'));
    value.iter().all(is_part) && (is_sum || is_joined)
        || matches!(
            value,
            [Token::Literal(_) | Token::Name("true" | "false" | "none")]
        )
}

/// Part of `(count=0, text="", is_first=true)`: names stand for arguments, and for no value that is large.
fn is_constant(token: &Token<'_>) -> bool {
    !matches!(token, Token::Sign('[' | '{' | '.' | '|' | '~' | '*'))
}

fn is_operator(token: &Token<'_>) -> bool {
    match token {
        Token::Name(name) => matches!(*name, "not" | "and" | "or" | "if" | "else" | "in" | "is"),
        Token::Sign(sign) => !matches!(sign, ',' | ':' | ')' | ']' | '}'),
        Token::Literal(_) => false,
    }
}

/// The names that the template gives values to.
fn own_names<'t>(tags: &[Vec<Token<'t>>]) -> HashSet<&'t str> {
    let mut own = HashSet::from(["caller", "varargs", "kwargs"]);
    for tag in tags {
        let Some(Token::Name(word)) = tag.first() else {
            continue;
        };
        let targets: Vec<_> = match *word {
            // Up to `in`.
            "for" => tag
                .split(|token| *token == Token::Name("in"))
                .next()
                .unwrap_or_default()
                .to_vec(),
            "set" | "with" | "macro" | "call" | "from" | "import" => tag.clone(),
            _ => continue,
        };
        own.extend(targets.iter().skip(1).filter_map(|token| match token {
            Token::Name(name) => Some(*name),
            _ => None,
        }));
    }
    // What every template is given.
    for given in [
        "rule", "query", "queries", "pipeline", "loop", "true", "false", "none", "True", "False",
        "None",
    ] {
        own.remove(given);
    }
    own
}

/// How often the tag's lists and maps refer to the template's own variables.
fn references(tag: &[Token<'_>], own: &HashSet<&str>) -> usize {
    let mut open: Vec<bool> = Vec::new();
    let mut count = 0;
    let mut previous: Option<&Token<'_>> = None;
    for (index, token) in tag.iter().enumerate() {
        let next = |ahead: usize| tag.get(index + ahead) == Some(&Token::Sign('='));
        // `dict(a=1)`
        let is_argument = next(1) && !next(2);
        match token {
            Token::Sign('[' | '{' | '(') => {
                let is_behind_value = match previous {
                    Some(Token::Name(name)) => {
                        let is_call =
                            matches!(*name, "dict" | "namespace") && *token == Token::Sign('(');
                        let is_word = matches!(
                            *name,
                            "in" | "if" | "else" | "and" | "or" | "not" | "is" | "set"
                        );
                        !is_word && !is_call
                    }
                    Some(Token::Sign(sign)) => matches!(sign, ')' | ']' | '}'),
                    Some(Token::Literal(_)) => true,
                    None => false,
                };
                let is_group = *token == Token::Sign('(') && !is_tuple(&tag[index + 1..]);
                let is_call = matches!(previous, Some(Token::Name("dict" | "namespace")));
                open.push(!is_behind_value && (is_call || !is_group));
            }
            Token::Sign(')' | ']' | '}') => {
                open.pop();
            }
            Token::Name(name) => {
                let is_attribute = previous == Some(&Token::Sign('.'));
                let is_filter = previous == Some(&Token::Sign('|'));
                let is_own = own.contains(name) && !is_attribute && !is_filter && !is_argument;
                count += usize::from(is_own && open.contains(&true));
                let is_nesting = NESTING_FILTERS.contains(name) && !is_plain_map(&tag[index..]);
                count += 2 * usize::from(is_filter && is_nesting);
                // `x.items()`
                count += 2 * usize::from(is_attribute && NESTING_FILTERS.contains(name));
            }
            // `set a = b, b`
            Token::Sign(',') if open.is_empty() => {
                let is_assignment = tag.first() == Some(&Token::Name("set"));
                count += 2 * usize::from(is_assignment);
            }
            _ => {}
        }
        previous = Some(token);
    }
    count
}

/// Do the parentheses that the tokens are in hold a comma?
fn is_tuple(tokens: &[Token<'_>]) -> bool {
    let mut depth = 0_usize;
    for token in tokens {
        match token {
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') if depth == 0 => return false,
            Token::Sign(')' | ']' | '}') => depth -= 1,
            Token::Sign(',') if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

/// `map(attribute="name")`, `map("upper")`
fn is_plain_map(tokens: &[Token<'_>]) -> bool {
    match tokens {
        [
            Token::Name("map"),
            Token::Sign('('),
            Token::Name("attribute"),
            Token::Sign('='),
            Token::Literal(_),
            Token::Sign(')'),
            ..,
        ] => true,
        [
            Token::Name("map"),
            Token::Sign('('),
            Token::Literal(filter),
            Token::Sign(')'),
            ..,
        ] => PLAIN_FILTERS.contains(&filter.trim_matches(['"', '\''])),
        _ => false,
    }
}

/// The tokens of every `{{ … }}` and `{% … %}`.
fn read_tags(source: &str) -> Vec<Vec<Token<'_>>> {
    let mut tags = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find('{') {
        let (end, is_tag) = match rest.as_bytes().get(at + 1) {
            Some(b'{') => ("}}", true),
            Some(b'%') => ("%}", true),
            Some(b'#') => ("#}", false),
            _ => {
                rest = &rest[at + 1..];
                continue;
            }
        };
        rest = &rest[at + 2..];
        if !is_tag {
            rest = rest.split_once(end).map_or("", |(_, rest)| rest);
            continue;
        }
        let mut tag = Vec::new();
        let mut depth = 0_usize;
        loop {
            rest = rest.trim_start();
            if rest.is_empty() || (depth == 0 || end == "%}") && rest.starts_with(end) {
                rest = rest.get(2..).unwrap_or("");
                break;
            }
            let first = rest.chars().next().unwrap_or(' ');
            let is_word = |one: char| one.is_alphanumeric() || one == '_';
            let length = if matches!(first, '"' | '\'') {
                let length = text_length(rest, first);
                tag.push(Token::Literal(&rest[..length]));
                length
            } else if is_word(first) {
                let length = rest.find(|one| !is_word(one)).unwrap_or(rest.len());
                let name = &rest[..length];
                tag.push(if first.is_ascii_digit() {
                    Token::Literal(name)
                } else {
                    Token::Name(name)
                });
                length
            } else {
                match first {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                // The dashes of `{%-` and `-%}` are no operators, but count as one.
                tag.push(Token::Sign(first));
                first.len_utf8()
            };
            rest = &rest[length..];
        }
        if matches!(tag.first(), Some(Token::Sign('-' | '+'))) {
            tag.remove(0);
        }
        tags.push(tag);
    }
    tags
}

/// The bytes of a text in quotes, those included.
fn text_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, one) in text.char_indices().skip(1) {
        match one {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            one if one == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_let_through() {
        for template in [
            "{{ query }} | table {{ rule.fields|join(',') }}",
            "{% for q in queries %}{{ {'query': q, 'name': rule.title}|tojson }},{% endfor %}",
            "{%- set index = pipeline.state.index or 'main' -%}index={{ index }} {{ query }}",
            "{% set meta = {'a': rule.title} %}{{ {'meta': meta, 'q': query, 'tags': [rule.id, rule.level]}|tojson }}",
            "{% macro line(text) %}{{ text|upper }} {% endmacro %}{{ line(query) }}",
            "{% set ns = namespace(n=0) %}{% for t in rule.tags %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}",
            "{% set ns = namespace(n=0, text='') %}{% for q in queries %}{% set name = q.name %}{% set ns.n = ns.n + 1 %}{% set ns.text = ns.text ~ name %}{{ {'name': name, 'n': ns.n}|tojson }}{% if not loop.last %},{% endif %}{% include 'b' %}{% endfor %}",
            "{% set name = rule.title %}{% include 'b' %}{% for key, value in rule.state|items %}{{ (key or name)|upper }}{{ [value]|tojson }}{% endfor %}{{ rule.tags|map('upper')|join(', ') }}{{ queries|map(attribute='name')|join }}",
            "{% import 'kusto/rule.txt' as shared %}{% set name = shared.title(rule) %}{{ [name]|tojson }}",
            "{# [x, x] #}{{ rule.tags[0].name }} {{ query.split('|')[0] }}",
            "{\"search\": \"{{ query }}\", \"a\": {\"b\": [1]}}",
        ] {
            assert_eq!(refused(&[("a", template)]), None, "{template}");
        }
    }

    #[test]
    fn what_grows_unseen_is_refused() {
        let doubled = "{% set x = [1] %}".to_owned() + &"{% set x = [x, x] %}".repeat(60);
        let mapped = "{% set x = 1 %}".to_owned() + &"{% set x = {'a': x, 'b': x} %}".repeat(60);
        let called = "{% set x = 1 %}".to_owned() + &"{% set x = dict(a=x, b=x) %}".repeat(60);
        let tuples = "{% set x = 1 %}".to_owned() + &"{% set x = (x, x) %}".repeat(60);
        let bare = "{% set x = 1 %}".to_owned() + &"{% set x = x, x %}".repeat(60);
        for template in [
            doubled.as_str(),
            &mapped,
            &called,
            &tuples,
            &bare,
            "{% macro m(x) %}{{ m([x, x]) }}{% endmacro %}{{ m(1) }}",
            "{% set n = namespace(x=1) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}",
            "{% set n = namespace(x=1) %}{% for i in range(99) %}{% set y = [n.x, n.x] %}{% set n.x = y %}{% endfor %}",
            "{% set n = namespace(x=1) %}{% for i in range(99) %}{% set y = [n.x, n.x] %}{% set n.x = y if 1 else 1 ~ 1 %}{% endfor %}",
            "{% set x = [x, x] %}{% include 'a' %}",
            "{% set x = [x, x] %}{% include ['b', 'a'] %}",
            "{% set x = [1] %}{% macro m() %}{% set y = [1]|map('default', x) %}{% endmacro %}",
            "{% for i in [1] recursive %}{{ loop([i, i]) }}{% endfor %}",
            "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% for b in n.x|batch(9) %}{% set n.x = b %}{% endfor %}{% endfor %}",
            &format!("{{{{ {}1 }}}}", "1 ~ ".repeat(2000)),
            &format!("{{{{ {}1 }}}}", "not ".repeat(2000)),
            &format!("{{{{ query{} }}}}", ".a".repeat(2000)),
            &format!("{{% if 0 %}}{}{{% endif %}}", "{% elif 0 %}".repeat(2000)),
        ] {
            assert!(refused(&[("a", template)]).is_some(), "{template}");
        }
    }
}
