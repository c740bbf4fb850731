package main

import "rapport/internal/register"

// batches are examples of batches: records of the platform are changed, others
// entered too.
func (d *doc) batches(n *register.Noun) obj {
	update := obj{"op": "update", "id": n.Prefix + "-7", "body": d.alteration(n)}
	out := obj{"change": obj{"summary": "Change what can be changed", "value": obj{"atomic": false, "operations": []any{update}}}}
	if len(d.samples[n.Name].Create) > 0 {
		create := obj{"op": "create", "body": d.creation(n)}
		out["enter"] = obj{"summary": "Enter and change, all or none", "value": obj{"atomic": true, "operations": []any{create, update}}}
	}
	return out
}

// outcomes is the example of a batch's answer.
func outcomes(n *register.Noun) obj {
	made := obj{"index": 0, "status": 200, "id": exampleID(n.Name), "ref": n.Prefix + "-7", "etag": `"2"`, "problem": nil}
	return obj{"data": []any{made}, "summary": obj{"succeeded": 1, "failed": 0}}
}
