{#- `temporal`: when each rule was last seen; `temporal_ordered`: when the latest chain began. -#}
{% import "sql/correlation/parts.sql" as sql -%}

{#- The rules that match at each instant: events of one instant have no order. -#}
{% macro instants(c) -%}
instants_{{ c.number }} AS (
    SELECT {{ sql.columns(c) }}time_ms
{%- for base in c.bases %}, MAX(r{{ base.number }}) AS r{{ base.number }}{% endfor %}
    FROM matches_{{ c.number }}
    GROUP BY {{ sql.columns(c) }}time_ms
)
{%- endmacro -%}

{% macro never(c) -%}
firings_{{ c.number }} AS (
    SELECT {{ sql.columns(c) }}time_ms
    FROM matches_{{ c.number }}
    WHERE 1 = 0
)
{%- endmacro -%}

{% macro any_order(c, with) -%}
{% set ahead = c.condition == "absence" and c.sources[0].options.absence != "before" -%}
{{ instants(c) }},
seen_{{ c.number }} AS (
    SELECT
        {{ sql.columns(c) }}time_ms{% if ahead %} AS start_ms{% endif %}
{%- for base in c.bases %},
        {% if ahead -%}
MIN(CASE WHEN r{{ base.number }} = 1 THEN time_ms END) OVER ({{ sql.partition(c) }}ORDER BY time_ms ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
{%- else -%}
MAX(CASE WHEN r{{ base.number }} = 1 THEN time_ms END) OVER ({{ sql.partition(c) }}ORDER BY time_ms ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
{%- endif %} AS rule_{{ base.number }}_ms
{%- endfor %}
    FROM instants_{{ c.number }}
),
{% if ahead -%}
horizon_{{ c.number }} AS (
    SELECT MAX(time_ms) AS time_ms
    FROM (
{%- set tables = all_tables(c, with) | split("\n") | select | unique -%}
{% for table in tables %}
        {{ table }}
{%- if not loop.last %}
        UNION ALL
{%- endif -%}
{% endfor %}
    ) AS q
),
{% endif -%}
firings_{{ c.number }} AS (
    SELECT {{ sql.columns(c) }}{% if ahead %}start_ms + {{ c.span.milliseconds }} AS time_ms{% else %}time_ms{% endif %}
    FROM seen_{{ c.number }}
    WHERE {{ condition(c, ahead) }}
{%- if ahead %}
        AND start_ms + {{ c.span.milliseconds }} <= (SELECT time_ms FROM horizon_{{ c.number }})
{%- endif %}
)
{%- endmacro -%}

{#- The latest time of each table, in a line each. -#}
{% macro all_tables(c, with) -%}
{% for source in c.sources -%}
{% if source.correlation %}{{ all_tables(source.correlation, with) }}
{% else %}SELECT MAX({{ sql.milliseconds(source, with) }}) AS time_ms FROM {{ source.names.table }}
{% endif -%}
{% endfor -%}
{%- endmacro -%}

{% macro in_time(c, number, ahead) -%}
{% if ahead %}rule_{{ number }}_ms - start_ms{% else %}time_ms - rule_{{ number }}_ms{% endif %} <= {{ c.span.milliseconds }}
{%- endmacro -%}

{% macro condition(c, ahead) -%}
{% if c.condition == "threshold" -%}
{% set state = namespace(known=[], text="") -%}
{% for base in c.bases -%}
{% if base.reference not in state.known -%}
{% set state.known = state.known + [base.reference] -%}
{% set state.text = state.text ~ (" + " if state.text else "") ~ "CASE WHEN " ~ in_time(c, base.number, ahead) ~ " THEN 1 ELSE 0 END" -%}
{% endif -%}
{% endfor -%}
{% for bound in c.bounds %}{{ state.text }} {{ bound.symbol }} {{ bound.number }}{% if not loop.last %}
        AND {% endif %}{% endfor -%}
{% elif c.expression -%}
{{ said(c, c.expression, ahead, true, true) }}
{%- else -%}
{% for base in c.bases %}{{ in_time(c, base.number, ahead) }}{% if not loop.last %} AND {% endif %}{% endfor -%}
{% endif -%}
{%- endmacro -%}

{#- An expression, or what it denies. -#}
{% macro said(c, expression, ahead, is, outermost) -%}
{% if expression.rule is defined -%}
{% if is %}{{ in_time(c, expression.rule, ahead) }}
{%- else %}(rule_{{ expression.rule }}_ms IS NULL OR {{ in_time(c, expression.rule, ahead) | replace("<=", ">") }}){% endif -%}
{% elif expression.not is defined -%}
{{ said(c, expression.not, ahead, not is, outermost) }}
{%- else -%}
{% set is_and = expression.and is defined -%}
{% set operands = expression.and if is_and else expression.or -%}
{% set joined_by_and = is_and == is -%}
{% set bare = outermost and joined_by_and -%}
{% if not bare %}({% endif -%}
{% for operand in operands %}{{ said(c, operand, ahead, is, false) }}{% if not loop.last %}{{ " AND " if joined_by_and else " OR " }}{% endif %}{% endfor -%}
{% if not bare %}){% endif -%}
{% endif -%}
{%- endmacro -%}

{#- One after the other: for each event of a rule, when did the latest chain of the rules before it begin? -#}
{% macro in_order(c, with) -%}
{% set count = c.bases | length -%}
{% if c.condition == "all" -%}
{% set least = count -%}
{% else -%}
{% set least = sql.least(c) | int -%}
{% endif -%}
{% if least > count -%}
{{ never(c) }}
{%- elif least == 1 or count == 1 -%}
{#- A chain of one rule is as long as each of its events. -#}
firings_{{ c.number }} AS (
    SELECT DISTINCT {{ sql.columns(c) }}time_ms
    FROM matches_{{ c.number }}
{%- if least != 1 %}
    WHERE {{ sql.compared(c, "1") }}
{%- endif %}
)
{%- else -%}
{#- With `lt`, `eq` …, how long the longest chain is. -#}
{% set counted = least == 0 -%}
{% set deepest = count if counted else least -%}
{{ instants(c) }},
{% for step in range(1, deepest) -%}
chains_{{ c.number }}_{{ step }} AS (
    SELECT
        {{ sql.columns(c) }}time_ms
{%- for base in c.bases %}{% if base.number > step or counted %}, r{{ base.number }}{% endif %}{% endfor -%}
{% if counted %}{% for known in range(2, step + 1) %}, {% if known == step %}{{ began(c, step, count) }} AS began_{{ known }}{% else %}began_{{ known }}{% endif %}{% endfor %}{% endif -%}
{#- The chains of so many rules that end before this instant, with one of the first rules of the list. -#}
{% for last in range(step, count if counted else count - deepest + step + 1) %},
        MAX({{ began(c, step, last) }}) OVER ({{ sql.partition(c) }}ORDER BY time_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS start_{{ step }}_{{ last }}
{%- endfor %}
    FROM {% if step == 1 %}instants_{{ c.number }}{% else %}chains_{{ c.number }}_{{ step - 1 }}{% endif %}
),
{% endfor -%}
firings_{{ c.number }} AS (
    SELECT {{ sql.columns(c) }}time_ms
    FROM chains_{{ c.number }}_{{ deepest - 1 }}
    WHERE {% if counted -%}
{% set state = namespace(text="1") -%}
{% for known in range(2, count + 1) -%}
{% set start = began(c, count, count) if known == count else "began_" ~ known -%}
{% set state.text = state.text ~ " + CASE WHEN time_ms - " ~ start ~ " <= " ~ c.span.milliseconds ~ " THEN 1 ELSE 0 END" -%}
{% endfor -%}
{% for bound in c.bounds %}{{ state.text }} {{ bound.symbol }} {{ bound.number }}{% if not loop.last %}
        AND {% endif %}{% endfor -%}
{% elif deepest == count -%}
r{{ count }} = 1 AND time_ms - start_{{ count - 1 }}_{{ count - 1 }} <= {{ c.span.milliseconds }}
{%- else -%}
time_ms - {{ began(c, deepest, count) }} <= {{ c.span.milliseconds }}
{%- endif %}
)
{%- endif -%}
{%- endmacro -%}

{#- When the latest chain of so many rules began that ends now with one of the rules up to the last given. -#}
{% macro began(c, step, last) -%}
CASE
{%- for back in range(0, last - step + 1) %} WHEN r{{ last - back }} = 1 THEN {% if step == 1 %}time_ms{% else %}start_{{ step - 1 }}_{{ last - back - 1 }}{% endif %}{% endfor %} END
{%- endmacro -%}
