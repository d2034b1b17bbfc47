{#- A correlation as one statement: the events of its rules (`events`, `matches`), then what its type
    counts in the time span that ends with each of them, then the groups and instants at which its
    condition holds (`firings`). A correlation that it refers to comes before it, in the same way. -#}
{% import "sql/correlation/parts.sql" as sql -%}
{% import "sql/correlation/events.sql" as rows -%}
{% import "sql/correlation/counts.sql" as counts -%}
{% import "sql/correlation/temporal.sql" as temporal -%}
{% import "sql/correlation/metrics.sql" as metrics -%}

{% macro ctes(c, with) -%}
{% for source in c.sources %}{% if source.correlation %}{{ ctes(source.correlation, with) }},
{% endif %}{% endfor -%}
{{ rows.ctes(c, with) }},
{% if c.type == "event_count" %}{{ counts.events(c, with) }}
{%- elif c.type == "value_count" %}{{ counts.distinct(c, with) }}
{%- elif c.type == "temporal" %}{{ temporal.any_order(c, with) }}
{%- elif c.type == "temporal_ordered" %}{{ temporal.in_order(c, with) }}
{%- elif c.type in ["value_sum", "value_avg"] %}{{ metrics.total(c, with) }}
{%- else %}{{ metrics.percentile(c, with) }}
{%- endif -%}
{%- endmacro -%}

{% set names = namespace(known=[]) -%}
WITH {{ ctes(correlation, with) }}
SELECT
{%- for entry in correlation.group %}
{%- set names.known = names.known + [entry.name | lower] %} g{{ loop.index }} AS {{ entry.text }},{% endfor %} time_ms AS ts
FROM firings_{{ correlation.number }}
ORDER BY time_ms{% for entry in correlation.group %}, g{{ loop.index }}{% endfor %}
