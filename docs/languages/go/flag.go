// Asks Phasegate who gets in. Nothing but the standard library.
//
//	PHASEGATE_URL=https://beta.example.org go run flag.go parking-permit UNIT
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

type answer struct {
	Value   *bool  `json:"value"`
	Variant string `json:"variant"`
	Reason  string `json:"reason"`
}

// Keep one client: it keeps its connections.
var client = http.Client{Timeout: timeout()}

func timeout() time.Duration {
	if set, err := time.ParseDuration(os.Getenv("PHASEGATE_TIMEOUT") + "s"); err == nil {
		return set
	}
	return time.Second
}

// flag gives the default where no answer came in time: asking never panics, nor holds a page up for long.
func flag(key, targetingKey string, fallback bool) answer {
	byDefault := answer{Value: &fallback, Reason: "ERROR"}
	body, _ := json.Marshal(map[string]any{"context": map[string]any{"targetingKey": targetingKey}})
	address := os.Getenv("PHASEGATE_URL") + "/ofrep/v1/evaluate/flags/" + url.PathEscape(key)
	question, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return byDefault
	}
	question.Header.Set("Content-Type", "application/json")
	if secret := os.Getenv("PHASEGATE_KEY"); secret != "" {
		question.Header.Set("Authorization", "Bearer "+secret)
	}
	response, err := client.Do(question)
	if err != nil {
		return byDefault
	}
	defer response.Body.Close()
	var said answer
	// An answer without a value means: the default of the code.
	if response.StatusCode != http.StatusOK || json.NewDecoder(response.Body).Decode(&said) != nil || said.Value == nil {
		return byDefault
	}
	return said
}

func main() {
	said := flag(os.Args[1], os.Args[2], false)
	fmt.Println(strings.Join(strings.Fields(fmt.Sprint(*said.Value, " ", said.Variant, " ", said.Reason)), " "))
}
