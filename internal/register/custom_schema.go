package register

// WireType names the JSON type of the field's values.
func (f *CustomField) WireType() string {
	switch f.Type {
	case "number", "boolean":
		return f.Type
	case "multi_enum":
		return "array"
	}
	return "string"
}

// Format names the format of the field's values, "" for none.
func (f *CustomField) Format() string {
	return map[string]string{"date": "date", "datetime": "date-time", "url": "uri"}[f.Type]
}

// Schema describes what is written under custom_fields of n's records, as JSON
// Schema: the fields in use, in the order of their keys.
func (c *Customs) Schema(n *Noun) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, f := range c.Known(n) {
		if !f.Active() {
			continue
		}
		properties[f.Key] = f.schema()
		if f.Required {
			required = append(required, f.Key)
		}
	}
	return map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Custom fields of " + n.Path, "type": "object",
		"properties": properties, "required": required, "additionalProperties": false,
	}
}

// schema describes one value.
func (f *CustomField) schema() map[string]any {
	s := map[string]any{"type": f.WireType(), "title": f.title(), "x-type": f.Type, "x-filterable": f.Filterable}
	if f.Doc != "" {
		s["description"] = f.Doc
	}
	if format := f.Format(); format != "" {
		s["format"] = format
	}
	switch f.Type {
	case "enum":
		s["enum"] = f.Options
	case "multi_enum":
		s["items"], s["uniqueItems"] = map[string]any{"type": "string", "enum": f.Options}, true
		if f.Required {
			s["minItems"] = 1
		}
	case "text", "url":
		s["maxLength"] = longestCustom
		if f.Required {
			s["minLength"] = 1
		}
	case "reference":
		s["x-target"] = f.Target
	}
	return s
}

// title is what people call the field.
func (f *CustomField) title() string {
	if f.Label == "" {
		return Wording(f.Key)
	}
	return f.Label
}
