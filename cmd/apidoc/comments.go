package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// structs are the struct types of the module, by package and name: "api.Me".
type structs map[string]*structType

// structType is what the source says about a struct beyond what swag reads.
type structType struct {
	doc    string
	fields []structField
}

// structField is a field of a struct in the source.
type structField struct {
	goName   string
	name     string // in JSON; "" for an embedded struct
	embedded string // the embedded type, with its package
	doc      string
	pointer  bool
	optional bool // omitempty, or omitzero
}

// readStructs reads the structs of the given folders, tests left out.
func readStructs(dirs []string) (structs, error) {
	all := structs{}
	for _, dir := range dirs {
		files, err := os.ReadDir(dir)
		if err != nil {
			return nil, fmt.Errorf("read the source: %w", err)
		}
		for _, f := range files {
			if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, f.Name()), nil, parser.ParseComments)
			if err != nil && strings.HasSuffix(f.Name(), "_gen.go") {
				continue // a rebase left it in pieces; it is about to be written anew
			}
			if err != nil {
				return nil, fmt.Errorf("parse the source: %w", err)
			}
			all.read(file)
		}
	}
	return all, nil
}

func (s structs) read(file *ast.File) {
	pkg := file.Name.Name
	for _, d := range file.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, sp := range decl.Specs {
			spec, ok := sp.(*ast.TypeSpec)
			if !ok {
				continue
			}
			body, ok := spec.Type.(*ast.StructType)
			if !ok {
				continue
			}
			t := &structType{doc: oneLine(decl.Doc.Text())}
			for _, f := range body.Fields.List {
				t.fields = append(t.fields, readField(pkg, f)...)
			}
			s[pkg+"."+spec.Name.Name] = t
		}
	}
}

func readField(pkg string, f *ast.Field) (fields []structField) {
	tag := reflect.StructTag("")
	if f.Tag != nil {
		tag = reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
	}
	name, options, _ := strings.Cut(tag.Get("json"), ",")
	_, pointer := f.Type.(*ast.StarExpr)
	out := structField{name: name, doc: oneLine(f.Doc.Text()), pointer: pointer, optional: strings.Contains(options, "omit")}
	if len(f.Names) == 0 {
		out.embedded = typeName(pkg, f.Type)
		return []structField{out}
	}
	for _, n := range f.Names {
		out.goName = n.Name
		fields = append(fields, out)
	}
	return fields
}

// typeName is the package and name of a plain type.
func typeName(pkg string, e ast.Expr) string {
	switch t := e.(type) {
	case *ast.StarExpr:
		return typeName(pkg, t.X)
	case *ast.SelectorExpr:
		if x, ok := t.X.(*ast.Ident); ok {
			return x.Name + "." + t.Sel.Name
		}
	case *ast.Ident:
		return pkg + "." + t.Name
	}
	return ""
}

// flat lists the fields of a struct with those of the structs that it embeds.
func (s structs) flat(name string) (fields []structField) {
	t := s[name]
	if t == nil {
		return nil
	}
	for _, f := range t.fields {
		if f.embedded != "" && f.name == "" {
			fields = append(fields, s.flat(f.embedded)...)
			continue
		}
		fields = append(fields, f)
	}
	return fields
}

// docOf is the comment of a field, "" for none, with the name that it has on the
// wire.
func (s structs) docOf(structName, goName string) string {
	if t := s[structName]; t != nil {
		for _, f := range t.fields {
			if rest, found := strings.CutPrefix(f.doc, goName+" "); f.goName == goName && found {
				return f.name + " " + rest
			}
			if f.goName == goName {
				return f.doc
			}
		}
	}
	return ""
}

// typeDoc is the sentence above a struct of package register, without its name.
func (s structs) typeDoc(name string) string {
	t := s["register."+name]
	if t == nil || t.doc == "" {
		return "a part of a record."
	}
	for _, start := range []string{name + " is ", name + " are ", "A " + name + " is ", "An " + name + " is "} {
		if rest, found := strings.CutPrefix(t.doc, start); found {
			return rest
		}
	}
	return t.doc
}

// oneLine joins a comment's lines, and leaves out what annotations cannot hold.
func oneLine(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), `"`, "'")
}
