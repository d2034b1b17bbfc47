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

{#- A group in the result. -#}
{% macro shown(text) -%}
{% if with.shown and options.case != "native" %}{{ with.shown | replace("{}", text) }}{% else %}{{ text }}{% endif %}
{%- endmacro -%}

{% set c = correlation -%}
{% set taken = c.group | map(attribute="name") | map("lower") | list -%}
{#- Where names are paths, a dot leads nowhere in those of the result: they may come out the same. -#}
{% set state = namespace(names=[], known=[], from="") -%}
{% for entry in c.group -%}
{% set text = entry.text | replace(with.step or ".", with.step and "_" or ".") -%}
{% set end = text[-1:] if text[:1] in ["`", '"', "["] else "" -%}
{% set again = text | lower in state.known -%}
{% set text = (text[:-1] if end else text) ~ "_" ~ loop.index ~ end if again else text -%}
{% set state.names = state.names + [text] -%}
{% set state.known = state.known + [text | lower] -%}
{#- A name that the query's columns have, too, would be read in their place. -#}
{% if "time_ms" in taken or "earlier_ms" in taken or "g" ~ loop.index in taken %}{% set state.from = "q." %}{% endif -%}
{% endfor -%}
{% set from = state.from -%}
WITH {{ ctes(c, with) }}
SELECT
{%- for name in state.names %}
    {{ shown(from ~ "g" ~ loop.index) }} AS {{ name }},
{%- endfor %}
    {{ from }}time_ms AS {{ "ts" if "ts" not in taken else "ts_ms" }}
{%- if with.instant %},
    {{ with.instant | replace("{}", from ~ "time_ms") }} AS {{ "fired_at" if "fired_at" not in taken else "fired_at_" }}
{%- endif %}
{%- if options.emit == "first" %}
FROM (
    SELECT {{ sql.columns(c) }}time_ms, LAG({{ with.nullable | replace("{}", "time_ms") }}) OVER ({{ sql.partition(c) }}ORDER BY time_ms) AS earlier_ms
    FROM firings_{{ c.number }}
) AS q
WHERE {{ from }}earlier_ms IS NULL OR {{ from }}time_ms - {{ from }}earlier_ms > {{ c.span.milliseconds }}
{%- else %}
FROM firings_{{ c.number }}{{ " AS q" if from }}
{%- endif %}
{%- if format != "view" %}
ORDER BY {{ from }}time_ms{% for entry in c.group %}, {{ from }}g{{ loop.index }}{% endfor %}
{%- endif %}
{%- if with.columns_first and sql.meets(c) %}
{{ with.columns_first }}
{%- endif %}
