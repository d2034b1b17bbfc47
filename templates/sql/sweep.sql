{#- Rules that a row matches are cases in lists: those whose conditions begin alike in a list of their
own, so that a row meets them only where that is so. -#}
{% macro condition(queries) -%}
{% if queries | length == 1 %}{{ queries[0] | join(" AND ") }}
{%- else %}{% for conjuncts in queries %}({{ conjuncts | join(" AND ") }}){% if not loop.last %} OR {% endif %}{% endfor %}
{%- endif %}
{%- endmacro -%}
{% macro case(test) -%}
{% set rule = with.rule | replace("{}", test.label) -%}
{% if [] in test.queries %}{{ rule }}
{%- else %}CASE WHEN {{ condition(test.queries) }} THEN {{ rule }}{{ with.otherwise }} END
{%- endif %}
{%- endmacro -%}
{% macro list(tests) -%}
{% set cases = namespace(text="") -%}
{% for test in tests %}{% set cases.text = cases.text ~ case(test) ~ ("" if loop.last else with.between) %}{% endfor -%}
{{ with.list | replace("{}", cases.text) }}
{%- endmacro -%}
{% macro lists(level) -%}
{% set all = namespace(texts=[]) -%}
{% set most = with.operands | int if with.operands else level.tests | length -%}
{% if level.tests %}{% for tests in level.tests | batch(most) %}{% set all.texts = all.texts + [list(tests)] %}{% endfor %}{% endif -%}
{% for guard in level.guards -%}
{% set text = "CASE WHEN " ~ guard.conjuncts | join(" AND ") ~ " THEN " ~ lists(guard) ~ " ELSE " ~ with.none ~ " END" -%}
{% set all.texts = all.texts + [text] -%}
{% endfor -%}
{% if all.texts | length == 1 %}{{ all.texts[0] }}
{%- else %}{{ with.lists | replace("{}", all.texts | join(with.between_lists)) }}
{%- endif %}
{%- endmacro -%}
{% set labels = with.most_rules | int if with.most_rules else none -%}
{% set bytes = with.most_bytes | int if with.most_bytes else none -%}
{% set clauses = with.most_clauses | int if with.most_clauses else none -%}
{% for scan in queries | scans(label="label", labels=labels, bytes=bytes, clauses=clauses, shared=with.shared | int) -%}
SELECT * FROM (
SELECT {{ scan.texts.columns }}, {{ with.found | replace("{}", lists(scan)) }} AS rule_ids
FROM {{ scan.texts.table }}
) AS q
WHERE {{ with.is_found }};
{% endfor -%}
