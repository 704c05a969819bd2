// Writes the Go types behind the built-in kinds of kube-apiserver as JSON: what its OpenAPI does not
// tell, namely field order, omitempty, pointers and type names.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/client-go/kubernetes/scheme"
	apireg "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type Field struct {
	Name string `json:"n"`
	Type string `json:"t"`
	Omit string `json:"o"`
}
type Struct struct {
	Go     string  `json:"go"`
	Fields []Field `json:"f"`
}

var structs = map[string]*Struct{}

func key(t reflect.Type) string { return t.PkgPath() + "." + t.Name() }

// typeName is the name of a named slice or map type, empty for a plain one.
func typeName(t reflect.Type) string {
	if t.Name() == "" {
		return ""
	}
	return t.String()
}

// expr writes a type: * pointer, [name] slice, {name} map with string keys, # struct.
func expr(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Ptr:
		return "*" + expr(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 && t.Name() == "" {
			return "bytes"
		}
		return "[" + typeName(t) + "]" + expr(t.Elem())
	case reflect.Map:
		return "{" + typeName(t) + "}" + expr(t.Elem())
	case reflect.Struct:
		_, custom := reflect.New(t).Interface().(json.Unmarshaler)
		if custom {
			return "custom:" + t.String()
		}
		walk(t)
		return "#" + key(t)
	default:
		if t.PkgPath() != "" {
			return t.Kind().String() + ":" + t.String()
		}
		return t.Kind().String()
	}
}

func fields(t reflect.Type, out *[]Field) {
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if tag == "-" {
			continue
		}
		parts := strings.Split(tag, ",")
		name := parts[0]
		if f.Anonymous && name == "" {
			fields(f.Type, out)
			continue
		}
		if name == "" {
			continue
		}
		omit := ""
		for _, p := range parts[1:] {
			if p == "omitempty" {
				omit += "e"
			}
			if p == "omitzero" {
				omit += "z"
			}
		}
		*out = append(*out, Field{name, expr(f.Type), omit})
	}
}

func walk(t reflect.Type) {
	k := key(t)
	if structs[k] != nil {
		return
	}
	s := &Struct{Go: t.String()}
	structs[k] = s
	fields(t, &s.Fields)
}

func main() {
	_ = apiext.AddToScheme(scheme.Scheme)
	_ = apireg.AddToScheme(scheme.Scheme)
	kinds := map[string]string{}
	var doc struct {
		Definitions map[string]struct {
			GVK []schema.GroupVersionKind `json:"x-kubernetes-group-version-kind"`
		} `json:"definitions"`
	}
	b, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		panic(err)
	}
	names := []string{}
	for n := range doc.Definitions {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		d := doc.Definitions[n]
		for _, g := range d.GVK {
			o, err := scheme.Scheme.New(g)
			if err != nil {
				fmt.Fprintln(os.Stderr, "no type:", g)
				continue
			}
			t := reflect.TypeOf(o).Elem()
			kinds[g.Group+"/"+g.Version+"/"+g.Kind] = key(t)
			walk(t)
		}
	}
	walk(reflect.TypeOf(metav1.ObjectMeta{}))
	walk(reflect.TypeOf(metav1.Status{}))
	walk(reflect.TypeOf(metav1.DeleteOptions{}))
	out, _ := json.MarshalIndent(map[string]any{"kinds": kinds, "structs": structs}, "", " ")
	os.Stdout.Write(out)
}
