{#- An engine that takes so many SELECTs in one statement takes as many of groups of them. -#}
{% set most = with.most | int if with.most else 0 -%}
{% if most and queries | length > most -%}
{% for group in queries | batch(most) -%}
SELECT * FROM (
{% for query in group -%}
{{ query.query }}
{% if not loop.last %}UNION ALL
{% endif %}{% endfor -%}
)
{% if not loop.last %}UNION ALL
{% endif %}{% endfor -%}
{% else -%}
{% for query in queries -%}
{{ query.query }}
{% if not loop.last %}UNION ALL
{% endif %}{% endfor -%}
{% endif -%}
