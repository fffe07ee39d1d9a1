using System.Diagnostics;
using System.Globalization;
using System.Net;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>Spans of single exchanges and of other phases. What was never known when it began or ended is left out.</summary>
internal sealed class ExchangeSpans(ActivitySource source, SessionRecord record)
{
    /// <summary>A command, or pseudo-exchange, and its reply.</summary>
    public void Write(in ExchangeEntry exchange, ActivityContext parent)
    {
        var operation = exchange.Operation;
        if (exchange.Began < 0 || Start(SpanNames.Of(operation), ActivityKind.Client, parent, exchange.Began) is not { } span)
        {
            return;
        }

        span.SetTag(Attributes.Operation, WireNames.Of(operation));
        span.SetTag(Attributes.Destination, record.Destination);
        if (exchange.Pipelined)
        {
            span.SetTag(SpanAttributes.Pipelined, true);
        }

        DescribeReply(span, exchange);
        DescribeCommand(span, exchange);
        SpanFactory.End(span, record.TimeOf(Math.Max(exchange.Began, exchange.Ended)));
    }

    /// <summary>The body of a message: the client's pace.</summary>
    public void WriteBody(long from, long to, ActivityContext parent)
    {
        if (Start(SpanNames.Body, ActivityKind.Internal, parent, from) is { } span)
        {
            span.SetTag(Attributes.Operation, WireNames.Of(Operation.Body));
            SpanFactory.End(span, record.TimeOf(to));
        }
    }

    /// <summary>An attempt to reach a relay.</summary>
    public void WriteDial(in DialEntry dial, ActivityContext parent)
    {
        if (Start(SpanNames.Connect, ActivityKind.Client, parent, dial.Began) is not { } span)
        {
            return;
        }

        span.SetTag(Attributes.Operation, WireNames.Of(Operation.Connect));
        span.SetTag(Attributes.Destination, dial.Destination);
        if (dial.Relay is IPEndPoint relay)
        {
            span.SetTag(SpanAttributes.ServerAddress, relay.Address.Unmapped().ToString());
            span.SetTag(SpanAttributes.ServerPort, relay.Port);
        }

        Fail(span, dial.Error);
        SpanFactory.End(span, record.TimeOf(dial.Ended));
    }

    /// <summary>Writes a span that was measured elsewhere, such as a TLS handshake.</summary>
    public void Write(in LateSpan late, ActivityContext parent)
    {
        if (Start(late.Name, ActivityKind.Client, parent, late.From) is not { } span)
        {
            return;
        }

        foreach (var (name, value) in late.Tags)
        {
            span.SetTag(name, value);
        }

        Fail(span, late.Error);
        SpanFactory.End(span, record.TimeOf(late.To));
    }

    private static void DescribeReply(Activity span, in ExchangeEntry exchange)
    {
        if (exchange.Lines == 0)
        {
            Fail(span, "no_reply");
            return;
        }

        span.SetTag(Attributes.StatusCode, (int)exchange.Code);
        if (exchange.Enhanced.IsPresent)
        {
            span.SetTag(Attributes.EnhancedStatusCode, exchange.Enhanced.ToString());
        }

        if (exchange.Origin != Origin.Relay)
        {
            span.SetTag(Attributes.Origin, AttributeValues.Of(exchange.Origin));
        }

        if (exchange.Code / 100 is 4 or 5)
        {
            span.SetTag(Attributes.ErrorType, ((int)exchange.Code).ToString(CultureInfo.InvariantCulture));
            // 4yz asks to come again later; only the transaction shows whether that was a failure.
            span.SetStatus(exchange.Code / 100 == 5 ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
        }
    }

    private void DescribeCommand(Activity span, in ExchangeEntry exchange)
    {
        switch (exchange.Verb)
        {
            case Verb.Auth:
                span.SetTag(SpanAttributes.Mechanism, WireText.Of(record.Text[exchange.Text]).ToUpperInvariant());
                span.SetTag(SpanAttributes.Challenges, (int)exchange.Challenges);
                break;
            case Verb.Bdat when exchange.Size >= 0:
                span.SetTag(SpanAttributes.ChunkSize, exchange.Size);
                break;
            case Verb.Mail:
                DescribeAddress(span, SpanAttributes.From, exchange.Text);
                break;
            case Verb.Rcpt:
                DescribeAddress(span, SpanAttributes.To, exchange.Text);
                break;
        }
    }

    private void DescribeAddress(Activity span, string name, TextSpan address)
    {
        if (address.Exists && record.Addresses.Apply(record.Text[address]) is { } shown)
        {
            span.SetTag(name, WireText.Of(shown));
        }
    }

    private static void Fail(Activity span, string? error)
    {
        if (error is not null)
        {
            span.SetTag(Attributes.ErrorType, error);
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    private Activity? Start(string name, ActivityKind kind, ActivityContext parent, long from) =>
        SpanFactory.StartChild(source, name, kind, parent, record.TimeOf(from));
}
