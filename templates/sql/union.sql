{% for query in queries -%}
{{ query.query }}
{% if not loop.last %}UNION ALL
{% endif %}{% endfor -%}
