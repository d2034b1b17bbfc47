{#- `value_sum`, `value_avg`, `value_percentile`, `value_median`: of the numbers in the time span. -#}
{% import "sql/correlation/parts.sql" as sql -%}

{% macro total(c, with) -%}
{% set n = c.number -%}
{% if with.range -%}
firings_{{ n }} AS (
    SELECT DISTINCT {{ sql.columns(c) }}time_ms
    FROM (
        SELECT {{ sql.columns(c) }}time_ms, {{ "SUM" if c.type == "value_sum" else "AVG" }}(v1) OVER {{ sql.in_span(c) }} AS total
{%- if with.counted %}, COUNT(v1) OVER {{ sql.in_span(c) }} AS n{% endif %}
        FROM matches_{{ n }}
    ) AS q
    WHERE {% if with.counted %}n > 0 AND {% endif %}{{ sql.compared(c, "total") }}
)
{%- else -%}
changes_{{ n }} AS (
    SELECT
        {{ sql.columns(c) }}time_ms,
        0 AS phase,
        CASE WHEN v1 IS NULL THEN 0 ELSE 1 END AS counted,
        COALESCE({{ with.decimal | replace("{}", "v1") }}, 0) AS delta
    FROM matches_{{ n }}
    UNION ALL
    SELECT {{ sql.columns(c) }}time_ms + {{ c.span.milliseconds }}, 1, -1, -{{ with.decimal | replace("{}", "v1") }}
    FROM matches_{{ n }}
    WHERE v1 IS NOT NULL
),
firings_{{ n }} AS (
    SELECT DISTINCT {{ sql.columns(c) }}time_ms
    FROM (
        SELECT
            {{ sql.columns(c) }}time_ms,
            phase,
            {{ sql.running(c, "counted", "n") }},
            {{ sql.running(c, "delta", "total") }}
        FROM changes_{{ n }}
    ) AS q
    WHERE phase = 0 AND n > 0 AND {{ sql.compared(c, "total", "" if c.type == "value_sum" else " * n") }}
)
{%- endif -%}
{%- endmacro -%}

{#- Linear interpolation between the two numbers around the place, as PERCENTILE_CONT has it. -#}
{% macro percentile(c, with) -%}
{% set n = c.number -%}
{% set percent = c.percentile if c.type == "value_percentile" else "50" -%}
windows_{{ n }} AS (
    SELECT DISTINCT {{ sql.columns(c) }}time_ms
    FROM matches_{{ n }}
),
numbers_{{ n }} AS (
    SELECT
        {{ sql.columns(c, "w.") }}w.time_ms,
        m.v1,
        100 * (ROW_NUMBER() OVER ({{ by_window(c) }} ORDER BY m.v1) - 1) AS place,
        {{ percent }} * (COUNT(*) OVER ({{ by_window(c) }}) - 1) AS middle
    FROM windows_{{ n }} AS w
    JOIN matches_{{ n }} AS m
        ON {{ sql.same_group(c, "m", "w") }}m.time_ms BETWEEN w.time_ms - {{ c.span.milliseconds }} AND w.time_ms
    WHERE m.v1 IS NOT NULL
),
percentiles_{{ n }} AS (
    SELECT
        {{ sql.columns(c) }}time_ms,
        MAX(CASE WHEN place <= middle THEN v1 END) AS lower_v,
        MIN(CASE WHEN place >= middle THEN v1 END) AS upper_v,
        MIN(CASE WHEN place <= middle THEN middle - place END) AS x
    FROM numbers_{{ n }}
    GROUP BY {{ sql.columns(c) }}time_ms
),
firings_{{ n }} AS (
    SELECT {{ sql.columns(c) }}time_ms
    FROM percentiles_{{ n }}
    WHERE {{ sql.compared(c, "lower_v + (upper_v - lower_v) * x / 100.0") }}
)
{%- endmacro -%}

{% macro by_window(c) -%}
PARTITION BY {{ sql.columns(c, "w.") }}w.time_ms
{%- endmacro -%}
