// Command sumlint tells whether the firewalls will let a planned HPE SUM rollout work.
package main

import (
	"context"
	"os"
	"os/signal"

	"github.com/sumlint/sumlint/cmd/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := cli.Main(ctx)
	stop()
	os.Exit(code)
}
