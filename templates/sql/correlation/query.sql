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

{#- A name in the result; where names are paths, a dot leads nowhere in it. -#}
{% macro shown(entry, at) -%}
{% set text = "g" ~ at -%}
{% if with.shown and options.case != "native" %}{{ with.shown | replace("{}", text) }}{% else %}{{ text }}{% endif %} AS {{ entry.text | replace(with.step or ".", with.step and "_" or ".") }}
{%- endmacro -%}

{% set c = correlation -%}
{% set taken = c.group | map(attribute="name") | map("lower") | list -%}
WITH {{ ctes(c, with) }}
SELECT
{%- for entry in c.group %}
    {{ shown(entry, loop.index) }},
{%- endfor %}
    time_ms AS {{ "ts" if "ts" not in taken else "ts_ms" }}
{%- if with.instant %},
    {{ with.instant | replace("{}", "time_ms") }} AS {{ "fired_at" if "fired_at" not in taken else "fired_at_" }}
{%- endif %}
{%- if options.emit == "first" %}
FROM (
    SELECT {{ sql.columns(c) }}time_ms, LAG({{ with.nullable | replace("{}", "time_ms") }}) OVER ({{ sql.partition(c) }}ORDER BY time_ms) AS earlier_ms
    FROM firings_{{ c.number }}
) AS q
WHERE earlier_ms IS NULL OR time_ms - earlier_ms > {{ c.span.milliseconds }}
{%- else %}
FROM firings_{{ c.number }}
{%- endif %}
{%- if format != "view" %}
ORDER BY time_ms{% for entry in c.group %}, g{{ loop.index }}{% endfor %}
{%- endif %}
