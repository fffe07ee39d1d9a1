using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>Somebody would have been called: an alert fires.</summary>
internal sealed class AlertExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("alert",
        "An alert begins to fire in the Prometheus that watches the proxy.",
        [
            new("name", FieldKind.Text, "The alert's name, such as SmtpProxyRelayDown.") { IsRequired = true },
            new("prometheus", FieldKind.Text, "Where Prometheus is, such as http://127.0.0.1:9090.") { IsRequired = true },
        ],
        Create);

    private readonly string _name;

    private AlertExpectation(string name, Uri? prometheus) => (_name, Prometheus) = (name, prometheus);

    public override string Text => $"alert {_name}";

    public override Uri? Prometheus { get; }

    public override Judgement Judge(Observation seen) => seen.Alerts is null ? Judgement.Broken("Prometheus did not answer")
        : seen.AlertsThen?.Contains(_name) == true ? Judgement.Broken("it fired before this phase began")
        : seen.Alerts.Contains(_name) ? Judgement.Held("it fires")
        : Judgement.Broken(seen.Alerts.Count == 0 ? "no alert fires" : $"{string.Join(", ", seen.Alerts)} fired");

    private static AlertExpectation Create(Values values, List<RuleError> errors)
    {
        if (Uri.TryCreate(values.Text("prometheus"), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            return new AlertExpectation(values.Text("name")!, uri);
        }

        errors.Add(new RuleError("prometheus", $"\"{values.Text("prometheus")}\" is no URL such as http://127.0.0.1:9090"));
        return new AlertExpectation(values.Text("name")!, null);
    }
}
