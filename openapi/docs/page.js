// The pages show the document of this server and ask nobody else.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#pages",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  filter: true,
  validatorUrl: null,
});
