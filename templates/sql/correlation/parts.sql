{#- What the templates of correlations share. `c` is a correlation, `with` the dialect's words. -#}

{#- `g1, g2, `: its groups' columns, each with a comma. -#}
{% macro columns(c, table="") -%}
{% for entry in c.group %}{{ table }}g{{ loop.index }}, {% endfor %}
{%- endmacro -%}

{#- `PARTITION BY g1, g2 ` -#}
{% macro partition(c) -%}
{% for entry in c.group %}{% if loop.first %}PARTITION BY {% endif %}g{{ loop.index }}{% if loop.last %} {% else %}, {% endif %}{% endfor %}
{%- endmacro -%}

{#- `a.g1 = b.g1 AND `: two rows of one group. -#}
{% macro same_group(c, one, other) -%}
{% for entry in c.group %}{{ one }}.g{{ loop.index }} = {{ other }}.g{{ loop.index }} AND {% endfor %}
{%- endmacro -%}

{#- `n >= 3 AND n < 10`; with a factor the numbers are multiplied by a column. -#}
{% macro compared(c, measure, factor="") -%}
{% for bound in c.bounds %}{{ measure }} {{ bound.symbol }} {{ bound.number }}{{ factor }}{% if not loop.last %} AND {% endif %}{% endfor %}
{%- endmacro -%}

{#- The least whole number that conditions of `gt` and `gte` alone ask for; 0 if there are others. -#}
{% macro least(c) -%}
{% set state = namespace(most=1) -%}
{% for bound in c.bounds -%}
{% if bound.operator not in ["gt", "gte"] or bound.count is none or state.most == 0 %}{% set state.most = 0 %}
{%- elif bound.count > state.most %}{% set state.most = bound.count %}{% endif -%}
{% endfor -%}
{{ state.most }}
{%- endmacro -%}

{#- A value as groups and distinct values are compared. -#}
{% macro folded(text, source, with) -%}
{% if source.options.case == "native" %}{{ text }}{% else %}{{ with.folded | replace("{}", text) }}{% endif %}
{%- endmacro -%}

{#- A value as a number, null where it is none. -#}
{% macro number(text, source, with) -%}
{% if source.options.number == "native" and not source.options.json %}{{ text }}{% else %}{{ with.number | replace("{}", text) }}{% endif %}
{%- endmacro -%}

{#- The time of a source's rows, in milliseconds since 1970. -#}
{% macro milliseconds(source, with) -%}
{{ with["from_" ~ source.options.timestamp_type] | replace("{}", source.names.timestamp_field) }}
{%- endmacro -%}

{#- A frame of a window function: what lies in the time span that ends with a row. -#}
{% macro in_span(c) -%}
({{ partition(c) }}ORDER BY time_ms RANGE BETWEEN {{ c.span.milliseconds }} PRECEDING AND CURRENT ROW)
{%- endmacro -%}

{#- What there is in the time span that ends with each row, by a running sum over the instants at which
    something comes in (phase 0) and those after which it is out again (phase 1). -#}
{% macro running(c, column, alias) -%}
SUM({{ column }}) OVER ({{ partition(c) }}ORDER BY time_ms, phase RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS {{ alias }}
{%- endmacro -%}

{#- Has a field of the rules the name of a column of the query's events? -#}
{% macro meets(c) -%}
{% for source in c.sources -%}
{% if source.correlation %}{{ meets(source.correlation) }}{% else -%}
{% set fields = (source.group + source.fields + source.extra) | map(attribute="text") | join(" ") -%}
{% set state = namespace(text=source.search ~ " " ~ fields ~ " " ~ source.names.timestamp_field) -%}
{% for mark in "`\"'()[].,:=<>!" | list %}{% set state.text = state.text | replace(mark, " ") %}{% endfor -%}
{% set words = state.text | split(" ") | list -%}
{% if "time_ms" in words %}yes{% endif -%}
{% for entry in source.group if "g" ~ loop.index in words %}yes{% endfor -%}
{% for entry in source.fields if "v" ~ loop.index in words %}yes{% endfor -%}
{% for entry in source.extra if "x" ~ loop.index in words %}yes{% endfor -%}
{% for base in c.bases if "r" ~ base.number in words %}yes{% endfor -%}
{% endif -%}
{% endfor -%}
{%- endmacro -%}
