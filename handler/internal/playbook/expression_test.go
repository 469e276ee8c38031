package playbook

import (
	"reflect"
	"testing"
)

func world() *scope {
	return &scope{
		parameters: map[string]any{"api": "https://a.example", "$connections": map[string]any{"x": map[string]any{"id": "c"}}},
		trigger:    map[string]any{"headers": map[string]any{"A": "b"}, "body": map[string]any{"n": 7.0, "s": "it's", "list": []any{"x", 2.0}, "none": nil}},
		actions: map[string]map[string]any{
			"Sent": {"status": Failed, "outputs": map[string]any{"statusCode": 404.0, "body": map[string]any{"id": "q"}}},
			"Lost": {"status": TimedOut, "outputs": nil},
		},
	}
}

func TestExpressionsEvaluate(t *testing.T) {
	for text, want := range map[string]any{
		"":                              "",
		"plain":                         "plain",
		"a@b.example":                   "a@b.example",
		"@@{not one}":                   "@{not one}",
		"a @@ b":                        "a @ b",
		"@triggerBody()":                world().trigger["body"],
		"@triggerBody()?['n']":          7.0,
		"@{triggerBody()?['n']}":        "7",
		"n=@{triggerBody()?['n']}, ok":  "n=7, ok",
		"@{triggerBody()?['list']}":     `["x",2]`,
		"@{triggerBody()?['none']}":     "",
		"@TriggerBody()?['s']":          "it's",
		"@concat('it''s ', 'an @{x} ')": "it's an @{x} ",
		"@ coalesce( null , 'b' ) ":     "b",
		"@coalesce(null, null)":         nil,
		"@coalesce(triggerBody()?['x']?['y'], false, 3)":                      false,
		"@parameters('$connections')['x']['id']":                              "c",
		"@{parameters('api')}/x":                                              "https://a.example/x",
		"@triggerOutputs()?['headers']?['A']":                                 "b",
		"@actions('Sent')['status']":                                          Failed,
		"@outputs('Sent')?['statusCode']":                                     404.0,
		"@outputs('Lost')?['statusCode']":                                     nil,
		"@body('Sent')?['id']":                                                "q",
		"@body('Lost')":                                                       nil,
		"@if(contains('abc', 'b'), 'yes', 'no')":                              "yes",
		"@contains(createArray(0, 408), 408)":                                 true,
		"@contains('aBc', 'b')":                                               false,
		"@startsWith('Bearer x', 'bearer ')":                                  true,
		"@empty(null)":                                                        true,
		"@first(split('a/b/c', '/'))":                                         "a",
		"@last(split('a/b/c', '/'))":                                          "c",
		"@first(split('', '/'))":                                              "",
		"@encodeUriComponent('a/b c+d?e=f#g%ä~_.-')":                          "a%2Fb%20c%2Bd%3Fe%3Df%23g%25%C3%A4~_.-",
		"@toLower(string(coalesce(triggerBody()?['none'], 'New')))":           "new",
		"@{string(true)} @{triggerBody()?['n']}@{if(true, '', 'x')}, the end": "true 7, the end",
	} {
		got, err := world().text(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v (%T), %v", text, got, got, err)
		}
	}
}

func TestWhatIsNotKnownOrDoesNotFitIsAnError(t *testing.T) {
	for _, text := range []string{
		"@", "@{", "@{}", "@triggerBody(", "@triggerBody()x", "@triggerBody() + 1", "@{triggerBody()", "@'open", "@concat('a',)", "@nonsense", "@workflow()",
		"@guid()", "@triggerBody(1)", "@coalesce()", "@if(true, 1)", "@first()", "@triggerBody()?[", "@triggerBody()?['n'", "@triggerBody()?.n",
		"@triggerBody()['missing']", "@triggerBody()?['n']?['x']", "@triggerBody()?['list']?['x']", "@triggerBody()?[0]", "@triggerBody()?['none']['x']",
		"@parameters('missing')", "@body('Missing')", "@actions('Missing')", "@concat('a', 1)", "@contains(1, 1)", "@contains('a', 1)", "@empty(1)",
		"@split(null, '/')", "@startsWith(null, 'a')", "@first('a')", "@if('true', 1, 2)", "@toLower(null)", "@encodeUriComponent(7)",
	} {
		if v, err := world().text(text); err == nil {
			t.Errorf("%q evaluates to %v", text, v)
		}
	}
}

func TestConditionsHold(t *testing.T) {
	equal, other := map[string]any{"equals": []any{"@triggerBody()?['n']", 7.0}}, map[string]any{"equals": []any{"a", "b"}}
	for want, conditions := range map[bool][]any{
		true: {
			equal, map[string]any{"not": other}, map[string]any{"and": []any{equal, equal}}, map[string]any{"or": []any{other, equal}},
			map[string]any{"greaterOrEquals": []any{500.0, 500.0}}, map[string]any{"contains": []any{"@triggerBody()?['list']", "x"}},
		},
		false: {
			other, map[string]any{"not": equal}, map[string]any{"and": []any{equal, other}}, map[string]any{"or": []any{other, other}},
			map[string]any{"greaterOrEquals": []any{499.0, 500.0}}, map[string]any{"contains": []any{"abc", "@triggerBody()?['s']"}},
			map[string]any{"equals": []any{"7", 7.0}},
		},
	} {
		for _, c := range conditions {
			if got, err := world().holds(c); err != nil || got != want {
				t.Errorf("%v: %v, %v", c, got, err)
			}
		}
	}
	for _, c := range []any{
		nil, "@true", map[string]any{}, map[string]any{"xor": []any{equal, equal}}, map[string]any{"and": []any{}}, map[string]any{"equals": []any{1.0}},
		map[string]any{"greaterOrEquals": []any{"500", 500.0}}, map[string]any{"not": "x"}, map[string]any{"and": []any{equal, "x"}}, map[string]any{"equals": []any{"@x()", 1.0}},
	} {
		if got, err := world().holds(c); err == nil {
			t.Errorf("%v: %v", c, got)
		}
	}
}
