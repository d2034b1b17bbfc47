{% for query in queries -%}
CREATE VIEW {{ query.identifier }} AS
{{ query.query }};
GO
{% endfor -%}
