use super::*;
use serde_json::json;

fn run(text: &str, input: &Value) -> Result<Vec<Value>, Failure> {
    Filter::parse(text).expect(text).run(input)
}

#[test]
fn values_are_selected() {
    let input = json!({"items": [{"on": true, "name": "a"}, {"on": false, "name": "b"}]});
    assert_eq!(
        run(".items[] | select(.on) | .name", &input),
        Ok(vec![json!("a")])
    );
    assert!(Filter::parse(".items[").is_err());
    assert!(Filter::parse("nothing_known").is_err());
}

#[test]
fn expressions_mean_what_they_mean_in_jq() {
    let input = json!({"a": [3, 1, 2], "b": {"c": "x,y", "d": null}, "e": "é"});
    for (text, expected) in [
        (".a[1:], .a[-1], .b.c?", json!([[1, 2], 2, "x,y"])),
        (".a | map(. + 1) | add", json!([9])),
        (".a | sort, min, max, length", json!([[1, 2, 3], 1, 3, 3])),
        ("[.a[] as $x | $x * 2]", json!([[6, 2, 4]])),
        (".b.d // \"none\"", json!(["none"])),
        (".b | keys", json!([["c", "d"]])),
        (".b.c | split(\",\")[]", json!(["x", "y"])),
        ("reduce .a[] as $x (0; . + $x)", json!([6])),
        ("[foreach .a[] as $x (0; . + $x)]", json!([[3, 4, 6]])),
        (
            ".b | to_entries[0].key, (with_entries(.value |= tostring) | .d)",
            json!(["c", "null"]),
        ),
        ("\"<\\(.a[0])-\\(.e)>\"", json!(["<3-é>"])),
        (
            "[limit(2; .a[])], first(.a[]), last(.a[])",
            json!([[3, 1], 3, 2]),
        ),
        ("try error(\"x\") catch .", json!(["x"])),
        (
            "[.a[] | if . > 1 then \"big\" elif . == 1 then \"one\" else empty end]",
            json!([["big", "one", "big"]]),
        ),
        (
            "def f(g): [g, g]; def h($x): $x + 1; f(.a[0] | h(.))",
            json!([[4, 4]]),
        ),
        (
            "def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; 5 | fac",
            json!([120]),
        ),
        (
            "label $out | .a[] | if . == 1 then break $out else . end",
            json!([3]),
        ),
        (".a |= map(. * 2) | .a", json!([[6, 2, 4]])),
        ("del(.a[0], .b.c) | .a, .b", json!([[1, 2], {"d": null}])),
        (
            "[paths]",
            json!([[
                ["a"],
                ["a", 0],
                ["a", 1],
                ["a", 2],
                ["b"],
                ["b", "c"],
                ["b", "d"],
                ["e"]
            ]]),
        ),
        ("[.. | numbers]", json!([[3, 1, 2]])),
        (
            ". as {a: [$x, $y], $e} | [$x, $y, $e]",
            json!([[3, 1, "é"]]),
        ),
        (
            "[range(0; 6; 2)], [1 | until(. > 50; . * 2)], [1 | while(. < 9; . * 2)]",
            json!([[0, 2, 4], [64], [1, 2, 4, 8]]),
        ),
        (
            "any(.a[]; . > 2), all(.a[]; . > 2), isempty(empty)",
            json!([true, false, true]),
        ),
        (
            "{(.e): .a[0], b: .b.c}, {a}",
            json!([{"é": 3, "b": "x,y"}, {"a": [3, 1, 2]}]),
        ),
        (".a | group_by(. > 1) | map(length)", json!([[1, 2]])),
        (
            ".x.y, (.a | contains([1])), (.b | has(\"c\"))",
            json!([null, true, true]),
        ),
        (".b.c | @base64 | ., @base64d", json!(["eCx5", "x,y"])),
        (
            "[[1, [2]], 3] | flatten, tojson",
            json!([[1, 2, 3], "[[1,[2]],3]"]),
        ),
        (
            ".b.c | tojson | fromjson | ascii_upcase | explode | implode",
            json!(["X,Y"]),
        ),
        ("\"12\" | tonumber + 1", json!([13])),
        (
            "[walk(if type == \"number\" then . + 1 else . end) | .a[]]",
            json!([[4, 2, 3]]),
        ),
        (
            "[[1,2],[3]] | [combinations], transpose",
            json!([[[1, 3], [2, 3]], [[1, 3], [2, null]]]),
        ),
    ] {
        assert_eq!(
            run(text, &input),
            Ok(expected.as_array().expect("a list").clone()),
            "{text}"
        );
    }
}

#[test]
fn nothing_loops_recurses_or_grows_without_a_bound() {
    // As on a worker's thread.
    let work = || {
        let input = json!({"a": vec![1; 1000], "text": "a".repeat(1000)});
        for text in [
            "def f: [f]; f",
            "def f: f; f",
            "def f: def g: f; g; f",
            "def f: try f catch f; f",
            "last(range(1e12))",
            "[range(1e9)]",
            "range(0; 1; 0.0000000001) | empty",
            "reduce range(60) as $i (\"a\"; . + .)",
            "reduce range(60) as $i ([0]; . + .)",
            "reduce range(1e9) as $i (0; [.])",
            "reduce range(1e5) as $i (0; [.]) | empty",
            "reduce range(1e9) as $i (null; {a: .})",
            "0 | until(false; . + 1)",
            "[0 | while(true; . + 1)]",
            "repeat(1)",
            "[recurse(.)]",
            "recurse([., .])",
            "[.a[] as $a | .a[] as $b | .a[] as $c | select(false)]",
            "[limit(1e12; repeat(1))]",
            "label $x | repeat(1)",
            "foreach range(1e12) as $i (0; .; empty)",
            "[.a, .a, .a] | [combinations]",
            "[range(1000)] | setpath([range(1000)]; 1)",
            "null | .[1e12] = 1",
            "null | setpath([range(1e6) | 0]; 1)",
            "reduce range(1e6) as $i (null; setpath([0,0,0,0]; .))",
            "reduce range(1e6) as $i (.text; tojson)",
            "reduce range(1e6) as $i (.text; @base64)",
            "[range(1000)] | sort_by([range(10000)])",
            "reduce range(60) as $i (.; [., .])",
            "first(range(1e12) | select(. < 0))",
            "try last(range(1e12)) catch 1",
            ".text as $t | [range(1e5)] | map($t) | join($t)",
        ] {
            let result = run(text, &input);
            let is_bound = matches!(result, Err(Failure::Bound(_)));
            assert!(is_bound, "{text}: {:?}", result.map(|found| found.len()));
        }
        // Tokens that a reader recurses for.
        for (piece, end) in [
            ("(", ")"),
            ("[", "]"),
            ("{a:", "}"),
            ("-", "1"),
            ("try ", "1"),
            ("if ", "1"),
            ("def f: ", "1"),
            ("label $x | ", "1"),
            (".|", "."),
            (".,", "."),
            ("1 as $x|", "1"),
            ("1+", "1"),
            (".a", ""),
            (".[", "]"),
            ("\"\\(", ")\""),
            ("reduce ", "1"),
            (".//", "."),
            ("1==", "1"),
            ("not|", "not"),
            (". and ", "."),
            ("..|=", "1"),
            ("a(", ")"),
            ("1 or ", "1"),
            ("1*", "1"),
            ("?//", "."),
            (".[0]", ""),
            ("1?", ""),
            ("1%", "1"),
            ("1<", "1"),
        ] {
            for count in [50, 100, 200, 250, 1000, 4000] {
                let text = format!("{}.{}", piece.repeat(count), end.repeat(count));
                if let Ok(filter) = Filter::parse(&text) {
                    let _ = filter.run(&input);
                }
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    thread
        .spawn(work)
        .expect("a thread")
        .join()
        .expect("no panic");
}

#[test]
fn nothing_outside_the_value_is_reached() {
    for text in [
        "env",
        "$ENV",
        "env.HOME",
        "now",
        "input",
        "inputs",
        "debug",
        "stderr",
        "halt",
        "halt_error",
        "input_filename",
        "$__loc__",
        "$__prog_args",
        "include \"a\"; .",
        "import \"a\" as a; .",
        "get_search_list",
        "localtime",
        "mktime",
        "test(\"(a+)+$\")",
        "splits(\"a\")",
        "ltrimstr",
        "input_line_number",
        "modulemeta",
        "getpath",
        "@sh",
    ] {
        assert!(Filter::parse(text).is_err(), "{text}");
    }
}
