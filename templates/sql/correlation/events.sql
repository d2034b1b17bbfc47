{#- The events of a correlation: one row for an event and a group, with the milliseconds of its time,
    the group (`g1` …), which rules it matches (`r1` …, for temporal types), the values (`v1` …), and
    what correlations above it ask for (`x1` …). -#}
{% import "sql/correlation/parts.sql" as sql -%}

{% macro flags(c, source) -%}
{% if c.type in ["temporal", "temporal_ordered"] -%}
{% for base in c.bases %},
        {% if base.source != source.number %}0
{%- elif source.bases | length == 1 %}1
{%- else %}CASE WHEN {{ base.search }} THEN 1 ELSE 0 END
{%- endif %} AS r{{ base.number }}
{%- endfor -%}
{% endif -%}
{%- endmacro -%}

{#- An event that an earlier source of the table gives with the same group and number is not given again. -#}
{% macro but_earlier(c, source, with) -%}
{% for other in c.sources -%}
{% if other.number < source.number and not other.correlation and other.names.table == source.names.table %}
        AND CASE WHEN ({{ other.search }})
{%- for entry in source.group -%}
{% set own = sql.folded(entry.text, source, with) -%}
{% set theirs = sql.folded(other.group[loop.index0].text, other, with) -%}
{% if own != theirs %} AND {{ theirs }} = {{ own }}{% endif -%}
{% endfor -%}
{% for entry in source.fields -%}
{% set own = sql.number(entry.text, source, with) -%}
{% set theirs = sql.number(other.fields[loop.index0].text, other, with) -%}
{% if own != theirs %} AND {{ theirs }} = {{ own }}{% endif -%}
{% endfor %} THEN 1 ELSE 0 END = 0
{%- endif -%}
{% endfor -%}
{%- endmacro -%}

{% macro of_table(c, source, with, extra) -%}
{% set is_temporal = c.type in ["temporal", "temporal_ordered"] -%}
{{ "    SELECT" }}
        {{ sql.milliseconds(source, with) }} AS time_ms
{%- for entry in source.group %},
        {{ sql.folded(entry.text, source, with) }} AS g{{ loop.index }}
{%- endfor -%}
{% for entry in source.fields %},
        {% if c.type == "value_count" %}{{ sql.folded(entry.text, source, with) }}{% else %}{{ sql.number(entry.text, source, with) }}{% endif %} AS v{{ loop.index }}
{%- endfor -%}
{% for entry in extra %},
        {{ with.text | replace("{}", entry.text) }} AS x{{ loop.index }}
{%- endfor -%}
{{ flags(c, source) }}
    FROM {{ source.names.table }}
{%- if not is_temporal -%}
{% set but = "" if c.type == "value_count" else but_earlier(c, source, with) %}
    WHERE {% if but %}({{ source.search }}){{ but }}{% else %}{{ source.search }}{% endif -%}
{% elif source.bases | length == 1 %}
    WHERE {{ source.search }}
{%- endif -%}
{%- endmacro -%}

{#- A value of a child's group as its events have it, but for its case. -#}
{% macro plain(at, source, with) -%}
{% if with.shown and at is startingwith("f.") and source.options.case != "native" %}{{ with.shown | replace("{}", at) }}{% else %}{{ at }}{% endif %}
{%- endmacro -%}

{#- Where a field of the parent's lies: in the child's group, or in the events of its time span. -#}
{% macro in_child(name, child) -%}
{% set state = namespace(text="") -%}
{% for entry in child.group %}{% if entry.name == name and not state.text %}{% set state.text = "f.g" ~ loop.index %}{% endif %}{% endfor -%}
{% for entry in child.extra %}{% if entry.name == name and not state.text %}{% set state.text = "m.x" ~ loop.index %}{% endif %}{% endfor -%}
{{ state.text or "NULL" }}
{%- endmacro -%}

{% macro of_child(c, source, with, extra) -%}
{% set child = source.correlation -%}
{% set state = namespace(columns=[], joined=false) -%}
{% for entry in source.group -%}
{% set at = in_child(entry.name, child) -%}
{% set text = at if at is startingwith("f.") else sql.folded(at, source, with) -%}
{% set state.columns = state.columns + [text ~ " AS g" ~ loop.index] -%}
{% if at is startingwith("m.") %}{% set state.joined = true %}{% endif -%}
{% endfor -%}
{% for entry in source.fields -%}
{% set at = in_child(entry.name, child) -%}
{% if c.type != "value_count" %}{% set text = with.number | replace("{}", plain(at, source, with)) -%}
{% elif at is startingwith("f.") %}{% set text = at -%}
{% else %}{% set text = sql.folded(at, source, with) %}{% endif -%}
{% set state.columns = state.columns + [text ~ " AS v" ~ loop.index] -%}
{% if at is startingwith("m.") %}{% set state.joined = true %}{% endif -%}
{% endfor -%}
{% for entry in extra -%}
{% set at = in_child(entry.name, child) -%}
{% set state.columns = state.columns + [plain(at, source, with) ~ " AS x" ~ loop.index] -%}
{% if at is startingwith("m.") %}{% set state.joined = true %}{% endif -%}
{% endfor -%}
{% if not state.joined -%}
{{ "    SELECT" }}
        f.time_ms AS time_ms
{%- for column in state.columns %},
        {{ column }}
{%- endfor -%}
{{ flags(c, source) }}
    FROM firings_{{ child.number }} AS f
{%- else -%}
{{ "    SELECT" }}
        q.time_ms AS time_ms
{%- for entry in source.group %},
        q.g{{ loop.index }} AS g{{ loop.index }}
{%- endfor -%}
{% for entry in source.fields %},
        q.v{{ loop.index }} AS v{{ loop.index }}
{%- endfor -%}
{% for entry in extra %},
        q.x{{ loop.index }} AS x{{ loop.index }}
{%- endfor -%}
{{ flags(c, source) }}
    FROM (
        SELECT DISTINCT
            f.time_ms AS time_ms
{%- for entry in child.group %},
            f.g{{ loop.index }} AS k{{ loop.index }}
{%- endfor -%}
{% for column in state.columns %},
            {{ column }}
{%- endfor %}
        FROM firings_{{ child.number }} AS f
        JOIN {{ with_fields(child) }}_{{ child.number }} AS m
            ON {{ sql.same_group(child, "m", "f") }}m.time_ms BETWEEN f.time_ms - {{ child.span.milliseconds }} AND f.time_ms
    ) AS q
{%- endif -%}
{%- endmacro -%}

{#- Where a correlation's events lie with the fields that its parent asks for. The events of a chain, which
    can have several values of such a field, lie apart: they are counted once. -#}
{% macro with_fields(c) -%}
{% set state = namespace(chained=false) -%}
{% for source in c.sources %}{% if source.correlation %}{% set state.chained = true %}{% endif %}{% endfor -%}
{{ "details" if state.chained and c.extra else "matches" }}
{%- endmacro -%}

{% macro ctes(c, with) -%}
{% if with_fields(c) == "details" -%}
{{ rows(c, with, "events", "matches", false) }},
{{ rows(c, with, "fields", "details", true) }}
{%- else -%}
{{ rows(c, with, "events", "matches", true) }}
{%- endif -%}
{%- endmacro -%}

{% macro rows(c, with, all, matching, has_extra) -%}
{{ all }}_{{ c.number }} AS (
{% for source in c.sources -%}
{% set extra = source.extra if has_extra else [] -%}
{% if source.correlation %}{{ of_child(c, source, with, extra) }}{% else %}{{ of_table(c, source, with, extra) }}{% endif %}
{% if not loop.last %}    UNION ALL
{% endif %}{% endfor -%}
),
{{ matching }}_{{ c.number }} AS (
    SELECT *
    FROM {{ all }}_{{ c.number }}
    WHERE time_ms IS NOT NULL
{%- for entry in c.group %} AND g{{ loop.index }} IS NOT NULL{% endfor -%}
{% if c.type in ["temporal", "temporal_ordered"] and c.bases | length > c.sources | length %} AND (
{%- for base in c.bases %}r{{ base.number }} = 1{% if not loop.last %} OR {% endif %}{% endfor -%}
){% endif %}
)
{%- endmacro -%}
