namespace Pipelines.Detectors.Tests.Programs;

[Topic("clicks")] public readonly partial record struct Click([Key] string UserId, string Page, string Action);
[Table("users")] public readonly partial record struct User([Key] string UserId, string Level);
[Topic("vip-actions")] public readonly partial record struct VipAction([Key] string UserId, string Page, string Action);
[Topic("known-clicks")] public readonly partial record struct KnownClick([Key] string UserId, string Level);
[Topic("referrals")] public readonly partial record struct Referral([Key] string Page, string From);
[Topic("vip-referrals")] public readonly partial record struct VipReferral([Key] string From, string Page);

/// <summary>A left join: every click asks.</summary>
[Detector("vip-actions")]
public static partial class VipActions
{
    public static void On(in Click click, in User? user, Emit<VipAction> actions)
    {
        if (user is { Level: "Platinum" }) actions.Send(new(click.UserId, click.Page, click.Action));
    }
}

/// <summary>An inner join, and one under another key.</summary>
[Detector("known-clicks")]
public static partial class KnownClicks
{
    public static void On(in Click click, in User user, Emit<KnownClick> known) => known.Send(new(click.UserId, user.Level));

    public static void On([KeyBy(nameof(Referral.From))] in Referral referral, in User user, Emit<VipReferral> referrals)
    {
        if (user.Level == "Platinum") referrals.Send(new(referral.From, referral.Page));
    }
}
