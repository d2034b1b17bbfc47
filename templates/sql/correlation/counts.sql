{#- `event_count`: how many events, `value_count`: how many distinct values. -#}
{% import "sql/correlation/parts.sql" as sql -%}

{% macro events(c, with) -%}
{% set n = c.number -%}
{% set least = sql.least(c) | int -%}
{% if least == 1 -%}
firings_{{ n }} AS (
    SELECT DISTINCT {{ sql.columns(c) }}time_ms
    FROM matches_{{ n }}
)
{%- elif 1 < least and least <= 1000000 -%}
firings_{{ n }} AS (
    SELECT DISTINCT {{ sql.columns(c) }}time_ms
    FROM (
        SELECT {{ sql.columns(c) }}time_ms, LAG({{ with.nullable | replace("{}", "time_ms") }}, {{ least - 1 }}) OVER ({{ sql.partition(c) }}ORDER BY time_ms) AS earlier_ms
        FROM matches_{{ n }}
    ) AS q
    WHERE time_ms - earlier_ms <= {{ c.span.milliseconds }}
)
{%- elif with.range -%}
firings_{{ n }} AS (
    SELECT DISTINCT {{ sql.columns(c) }}time_ms
    FROM (
        SELECT {{ sql.columns(c) }}time_ms, COUNT(*) OVER {{ sql.in_span(c) }} AS total
        FROM matches_{{ n }}
    ) AS q
    WHERE {{ sql.compared(c, "total") }}
)
{%- else -%}
changes_{{ n }} AS (
    SELECT {{ sql.columns(c) }}time_ms, 0 AS phase, 1 AS delta
    FROM matches_{{ n }}
    UNION ALL
    SELECT {{ sql.columns(c) }}time_ms + {{ c.span.milliseconds }}, 1, -1
    FROM matches_{{ n }}
),
{{ swept(c) }}
{%- endif -%}
{%- endmacro -%}

{#- A value comes in with the first of its events, and is out the time span after the last one, as long
    as no two of them are further apart. -#}
{% macro distinct(c, with) -%}
{% set n = c.number -%}
values_{{ n }} AS (
    SELECT
        {{ sql.columns(c) }}time_ms,
        CASE WHEN {{ present(c) }} THEN 1 ELSE 0 END AS counted,
        LAG({{ with.nullable | replace("{}", "time_ms") }}) OVER ({{ of_value(c) }}) AS earlier_ms,
        LEAD({{ with.nullable | replace("{}", "time_ms") }}) OVER ({{ of_value(c) }}) AS later_ms
    FROM matches_{{ n }}
),
changes_{{ n }} AS (
    SELECT {{ sql.columns(c) }}time_ms, 0 AS phase, CASE WHEN earlier_ms IS NULL OR time_ms - earlier_ms > {{ c.span.milliseconds }} THEN counted ELSE 0 END AS delta
    FROM values_{{ n }}
    UNION ALL
    SELECT {{ sql.columns(c) }}time_ms + {{ c.span.milliseconds }}, 1, -1
    FROM values_{{ n }}
    WHERE counted = 1 AND (later_ms IS NULL OR later_ms - time_ms > {{ c.span.milliseconds }})
),
{{ swept(c) }}
{%- endmacro -%}

{% macro present(c) -%}
{% for field in c.fields %}v{{ loop.index }} IS NOT NULL{% if not loop.last %} AND {% endif %}{% endfor %}
{%- endmacro -%}

{% macro of_value(c) -%}
PARTITION BY {{ sql.columns(c) }}{% for field in c.fields %}v{{ loop.index }}{% if not loop.last %}, {% endif %}{% endfor %} ORDER BY time_ms
{%- endmacro -%}

{% macro swept(c) -%}
firings_{{ c.number }} AS (
    SELECT DISTINCT {{ sql.columns(c) }}time_ms
    FROM (
        SELECT {{ sql.columns(c) }}time_ms, phase, {{ sql.running(c, "delta", "total") }}
        FROM changes_{{ c.number }}
    ) AS q
    WHERE phase = 0 AND {{ sql.compared(c, "total") }}
)
{%- endmacro -%}
