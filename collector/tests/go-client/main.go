// Command go-client asks a collector what Grafana's data source asks Pyroscope: with Pyroscope's generated Connect
// client, in binary. It prints the answers as one JSON document, which the test compares with the JSON codec's.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"connectrpc.com/connect"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	"github.com/grafana/pyroscope/api/gen/proto/go/querier/v1/querierv1connect"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const usage = "usage: go-client <base URL> <start ms> <end ms> <profile type> <selector> [gzip]"

func main() {
	answers, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) (map[string]json.RawMessage, error) {
	if len(args) < 5 {
		return nil, fmt.Errorf("%s", usage)
	}
	start, startErr := strconv.ParseInt(args[1], 10, 64)
	end, endErr := strconv.ParseInt(args[2], 10, 64)
	if startErr != nil || endErr != nil {
		return nil, fmt.Errorf("%s", usage)
	}
	var options []connect.ClientOption
	if len(args) > 5 && args[5] == "gzip" {
		options = append(options, connect.WithSendGzip())
	}
	httpClient := &http.Client{Timeout: 30 * time.Second}
	client := querierv1connect.NewQuerierServiceClient(httpClient, args[0], options...)
	return ask(client, start, end, args[3], args[4])
}

// ask calls every method once; the error of a bad request is among the answers.
func ask(client querierv1connect.QuerierServiceClient, start, end int64, profileType, selector string) (map[string]json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	answers := map[string]json.RawMessage{}
	maxNodes := int64(128)
	stacktraces := &querierv1.SelectMergeStacktracesRequest{
		ProfileTypeID: profileType, LabelSelector: selector, Start: start, End: end, MaxNodes: &maxNodes,
	}
	calls := []func() error{
		call(ctx, answers, "ProfileTypes", client.ProfileTypes, &querierv1.ProfileTypesRequest{Start: start, End: end}),
		call(ctx, answers, "LabelValues", client.LabelValues,
			&typesv1.LabelValuesRequest{Name: "service_name", Start: start, End: end}),
		call(ctx, answers, "LabelNames", client.LabelNames, &typesv1.LabelNamesRequest{Start: start, End: end}),
		call(ctx, answers, "Series", client.Series,
			&querierv1.SeriesRequest{Matchers: []string{selector}, LabelNames: []string{"env"}, Start: start, End: end}),
		call(ctx, answers, "SelectMergeStacktraces", client.SelectMergeStacktraces, stacktraces),
		call(ctx, answers, "SelectMergeProfile", client.SelectMergeProfile, &querierv1.SelectMergeProfileRequest{
			ProfileTypeID: profileType, LabelSelector: selector, Start: start, End: end, MaxNodes: &maxNodes,
		}),
		call(ctx, answers, "SelectSeries", client.SelectSeries, &querierv1.SelectSeriesRequest{
			ProfileTypeID: profileType, LabelSelector: selector, Start: start, End: end, Step: 5,
			GroupBy: []string{"service_name"},
		}),
		call(ctx, answers, "Diff", client.Diff, &querierv1.DiffRequest{Left: stacktraces, Right: stacktraces}),
		call(ctx, answers, "GetProfileStats", client.GetProfileStats, &typesv1.GetProfileStatsRequest{}),
	}
	for _, ask := range calls {
		if err := ask(); err != nil {
			return nil, err
		}
	}
	_, err := client.SelectMergeStacktraces(ctx, connect.NewRequest(&querierv1.SelectMergeStacktracesRequest{
		ProfileTypeID: "nope", LabelSelector: selector, Start: start, End: end,
	}))
	if err == nil {
		return nil, fmt.Errorf("a profile type of one part was not refused")
	}
	refusal, err := json.Marshal(map[string]string{"code": connect.CodeOf(err).String(), "message": err.Error()})
	answers["Refusal"] = refusal
	return answers, err
}

// call prepares one method's call and the keeping of its answer.
func call[Q, A any, PA interface {
	*A
	proto.Message
}](
	ctx context.Context,
	answers map[string]json.RawMessage,
	name string,
	method func(context.Context, *connect.Request[Q]) (*connect.Response[A], error),
	request *Q,
) func() error {
	return func() error {
		answer, err := method(ctx, connect.NewRequest(request))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		text, err := protojson.Marshal(PA(answer.Msg))
		answers[name] = text
		return err
	}
}
