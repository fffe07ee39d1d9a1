using SmtpProxy.Telemetry.Clocks;

namespace SmtpProxy.Telemetry.Records;

/// <summary>How the session's time was divided when each MAIL was sent, until it is known which of them opens a transaction: a client that
/// pipelines sends MAIL before the reply to the one before.</summary>
/// <param name="memory">What its memory is charged to.</param>
internal sealed class MailOpenings(RecordShare memory)
{
    private readonly RecordBuffer<(int Index, Shares Shares)> _sent = new();

    /// <summary>MAIL was sent.</summary>
    /// <param name="index">Its position in command order.</param>
    /// <param name="shares">How the time until then was divided.</param>
    /// <param name="most">How many are kept; beyond it, or without memory, it is forgotten.</param>
    public void Add(int index, Shares shares, int most)
    {
        if (memory.HasRoom(_sent, most))
        {
            _sent.Add((index, shares));
        }
    }

    /// <summary>This MAIL was accepted, and earlier ones were not. Returns what was kept of it; zero when nothing was.</summary>
    public Shares Take(int index)
    {
        var sent = _sent.Items;
        for (var i = 0; i < sent.Length; i++)
        {
            if (sent[i].Index == index)
            {
                var shares = sent[i].Shares;
                _sent.RemoveFirst(i + 1);
                return shares;
            }
        }

        return default;
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _sent.Clear();

    /// <summary>Gives its memory back, which stays charged: that is given back for all of a record at once.</summary>
    public void Release() => _sent.Release();
}
