"""Frequent questions with their answers, as they are shipped; the next versions are written in the browser. Pure.

They say what the house does by its own rules: the deadlines of ``deadlines.py``, the levels and bodies of
``handling.py`` and ``bodies.py``, the contact policy, the hold on an objection (regulations A14, A15, A18, A43).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question and its answer in both languages. ``under``: the branch of the tree whose readers it is shown to."""

    code: str
    ar: str
    en: str
    answer_ar: str
    answer_en: str
    under: str = ""


SHIPPED = (
    Question(
        code="HOW_TO_TELL",
        ar="كيف أقدّم شكوى أو استفسارًا؟",
        en="How do I make a complaint or ask something?",
        answer_ar=(
            "من صفحة «الشكاوى والاستفسارات» في هذا الموقع دون حساب، أو بالهاتف، أو بالبريد الإلكتروني، أو حضورًا، "
            "أو لأي موظف يتواصل معك. كل عدم رضا نعدّه شكوى، شفهيًا كان أو مكتوبًا.\n\n"
            "يصلك رقم مرجعي فور تسجيلها، ومعه الموعد الذي نردّ فيه. تقديم الشكوى مجاني."
        ),
        answer_en=(
            "On the page “Complaints and enquiries” of this site without an account, by phone, by e-mail, in "
            "person, or "
            "to anybody of ours who speaks with you. Any dissatisfaction is a complaint to us, spoken or written.\n\n"
            "You get a reference number as soon as it is registered, with the date by which we answer. It costs "
            "nothing."
        ),
    ),
    Question(
        code="HOW_LONG",
        ar="كم تستغرق معالجة الشكوى أو الاستفسار؟",
        en="How long does a complaint or an enquiry take?",
        answer_ar=(
            "نردّ على الاستفسارات والملاحظات خلال 24 ساعة، ونغلق الشكوى المكتملة خلال 11 يوم عمل. "
            "وإن كنت عميلًا لبنك فالرد خلال 5 أيام عمل، ولشركة تمويل خلال 10 أيام عمل، من استلام الشكوى.\n\n"
            "الموعد الذي يصلك مع الرقم المرجعي هو موعدك. وإن نقص شيء طلبناه منك، ويتوقف حساب المدة إلى أن يصلنا "
            "متى أجاز النظام ذلك."
        ),
        answer_en=(
            "Enquiries and comments are answered within 24 hours, and a complete complaint is closed within 11 working "
            "days. For customers of a bank the answer comes within 5 working days, of a finance company within "
            "10, from "
            "the day we receive it.\n\n"
            "The date you get with the reference number is yours. If something is missing we ask you for it, and the "
            "time stands still until it comes where the rules allow that."
        ),
    ),
    Question(
        code="FOLLOW",
        ar="كيف أتابع ما قدّمته؟",
        en="How do I follow what I told you?",
        answer_ar=(
            "من صفحة «تابع طلبك» بالرقم المرجعي ورمز يصل إلى جوالك أو بريدك الذي سجّلته. الرمز صالح عشر "
            "دقائق ولمرة واحدة. تجد هناك المرحلة التي وصلت إليها والرد والخطابات، ويمكنك أن تضيف كلامًا أو مستندات.\n\n"
            "ونخطرك برسالة عند كل خطوة."
        ),
        answer_en=(
            "On the page “Follow what you told us”, with the reference number and a code sent to the mobile or e-mail "
            "you gave. A code works once, within ten minutes. There you see where it stands, the answer and the "
            "letters, and you may add words or documents.\n\n"
            "We also send you a message at each step."
        ),
    ),
    Question(
        code="REMINDERS",
        under="AMOUNT",
        ar="أعترض على المبلغ، فهل تستمر رسائل التذكير؟",
        en="I object to the amount. Do the reminders go on?",
        answer_ar=(
            "لا. إذا اعترضت على المبلغ أوقفنا تذكيرات التعثر والاتصالات بشأنه إلى أن يُبتّ في اعتراضك، ويشمل ذلك "
            "الكفيل إن وُجد. ثم نبلغك بالنتيجة مع المستندات التي بُنيت عليها، وبطريق التصعيد إن لم تقتنع.\n\n"
            "اختر «المبلغ» في نموذج الشكوى، وأرفق ما لديك من إيصالات أو مراسلات."
        ),
        answer_en=(
            "No. When you object to the amount, reminders and calls about it stop until your objection is "
            "decided; those "
            "to a guarantor stop too. Then we tell you the result with the documents it stands on, and how to go "
            "further if you do not agree.\n\n"
            "Choose “Amount” on the form, and add the receipts or letters you have."
        ),
    ),
    Question(
        code="PAID",
        under="AMOUNT",
        ar="سدّدت ولم يُحتسب سدادي، ماذا أفعل؟",
        en="I paid, and it was not counted. What do I do?",
        answer_ar=(
            "أرسل إلينا صورة الإيصال أو رقم الحوالة وتاريخها ومبلغها من نموذج الشكوى. نبحث عنها لدينا ولدى الجهة "
            "الدائنة، ونصحّح الرصيد إن ثبتت، ونخبرك بما وجدنا."
        ),
        answer_en=(
            "Send us the receipt, or the number, date and amount of the transfer, with the form. We look for it "
            "with us "
            "and with the creditor, put the balance right if it is found, and tell you what we found."
        ),
    ),
    Question(
        code="DISAGREE",
        ar="لم أقتنع بالنتيجة، ماذا بعد؟",
        en="I do not agree with the result. What now?",
        answer_ar=(
            "قل لنا ذلك من صفحة المتابعة أو بالرد على رسالتنا، فتنتقل إلى مستوى أعلى: مدير الإدارة المعنية ثم المدير "
            "العام. ولا يبتّ فيها من بتّ فيها قبلُ، ولا من تشتكي منه.\n\n"
            "ويذكر خطاب النتيجة الجهات الخارجية التي لك أن تتوجه إليها بحسب الجهة الدائنة، مثل البنك المركزي السعودي "
            "لعملاء البنوك وشركات التمويل."
        ),
        answer_en=(
            "Tell us on the follow page or by answering our message: it then goes to the next level, the head of the "
            "department and after that the general manager. Nobody decides who decided before, or who is complained "
            "of.\n\n"
            "The letter of the result names the outside bodies you may turn to, by who the creditor is: for customers "
            "of banks and finance companies the Saudi Central Bank, for instance."
        ),
    ),
    Question(
        code="RECORD",
        under="BUREAU",
        ar="كيف أعترض على معلومة في سجلي الائتماني؟",
        en="How do I dispute an item of my credit record?",
        answer_ar=(
            "اذكر المعلومة وسبب اعتراضك: غير صحيحة، أو غير محدّثة، أو ناقصة، أو لا تخصّك، أو تجاوزت مدة حفظها، "
            "وأرفق ما "
            "يثبت ذلك. نشعر العضو الذي قدّمها كتابيًا خلال 5 أيام عمل، وعليه أن يردّ خلال 10 أيام عمل، فإن سكت كان "
            "سكوته لصالحك.\n\n"
            "ثم يصدر القرار خلال 7 أيام عمل، ولا تتجاوز المدة كلها 30 يومًا. وتصلك النتيجة مكتوبة، فإن صحّ اعتراضك "
            "حُذفت المعلومة أو عُدّلت، وإلا فلك أن تتوجه إلى اللجنة المختصة."
        ),
        answer_en=(
            "Name the item and why you object: not true, not up to date, incomplete, not yours, or older than may be "
            "kept, with what proves it. The member who furnished it is told in writing within 5 working days and must "
            "reply within 10; its silence counts for you.\n\n"
            "The decision follows within 7 working days, and the whole never takes more than 30 days. You get the "
            "result in writing: an item found wrong is deleted or amended, and otherwise you may go to the committee."
        ),
    ),
    Question(
        code="CHANNELS",
        ar="ما قنواتكم الرسمية؟",
        en="What are your official channels?",
        answer_ar=(
            "الهاتف والرسائل النصية والبريد الإلكتروني والبريد المسجّل على العنوان الوطني، وهذا الموقع. لا نتواصل عبر "
            "تطبيقات المحادثة ولا حسابات التواصل الاجتماعي، ولا نزور الأفراد من عملاء البنوك وشركات التمويل في بيوتهم "
            "أو أعمالهم.\n\n"
            "ورقمنا الهاتفي في أسفل هذه الصفحة."
        ),
        answer_en=(
            "Phone, SMS, e-mail, registered mail to the National Address, and this site. We do not write through chat "
            "apps or social media, and we visit no individual customer of a bank or finance company at home or at "
            "work.\n\n"
            "Our telephone number is at the foot of this page."
        ),
    ),
    Question(
        code="REAL",
        under="CONDUCT",
        ar="كيف أتأكد أن المتصل من عندكم؟",
        en="How do I know that a caller is really from you?",
        answer_ar=(
            "يذكر المحصّل اسمه واسمنا واسم الجهة الدائنة ورقم تواصل وساعات العمل، ولا يذكر شيئًا عن الدين قبل أن يتحقق "
            "من أنه يكلّم صاحبه. ولا نطلب كلمة مرور ولا رمز تحقق بنكيًا ولا بيانات بطاقة.\n\n"
            "إن شككت فأنهِ المكالمة واتصل بنا على الرقم المعلن في أسفل هذه الصفحة، أو اسأل الجهة الدائنة."
        ),
        answer_en=(
            "A collector says their name, ours, the creditor’s, a number to call and the working hours, and says "
            "nothing "
            "of the debt before making sure that they speak with its holder. We never ask for a password, a bank’s "
            "code or the data of a card.\n\n"
            "In doubt, hang up and call the number at the foot of this page, or ask the creditor."
        ),
    ),
    Question(
        code="HOURS",
        under="CONTACT",
        ar="في أي أوقات تتواصلون؟",
        en="At what hours do you contact people?",
        answer_ar=(
            "في الأيام والساعات المتفق عليها مع الجهة الدائنة وحدها، وهي عادة من الأحد إلى الخميس من 9:00 صباحًا إلى "
            "5:00 مساءً بتوقيت الرياض، عدا الإجازات الرسمية.\n\n"
            "إن تواصل معك أحد في غيرها فأخبرنا، فهذه شكوى نحقق فيها."
        ),
        answer_en=(
            "Only on the days and at the hours agreed with the creditor: as a rule Sunday to Thursday, 9:00 to 17:00 "
            "Riyadh time, and not on public holidays.\n\n"
            "If somebody contacts you at another time, tell us: that is a complaint, and we look into it."
        ),
    ),
    Question(
        code="PRIVACY",
        ar="من يطّلع على ديني وعلى شكواي؟",
        en="Who gets to know of my debt and my complaint?",
        answer_ar=(
            "لا نذكر الدين لغير صاحبه وكفيله. وما تكتبه في شكواك يُحفظ مختومًا ويقرؤه من يعالجها وحدهم، ومن تشتكي منه "
            "لا يراها ولا يعالجها. وكل اطلاع على ما هو سري يُسجَّل."
        ),
        answer_en=(
            "We speak of a debt to its holder and guarantor alone. What you write in a complaint is kept sealed "
            "and read "
            "only by those who handle it; whoever it is about neither sees nor handles it. Every look at what is "
            "confidential is written down."
        ),
    ),
    Question(
        code="PLAN",
        under="PLAN",
        ar="لا أستطيع السداد دفعة واحدة، فهل من حل؟",
        en="I cannot pay at once. What can be done?",
        answer_ar=(
            "أخبرنا بوضعك ولو قبل أن تتأخر. نتفق معك على خطة أقساط في حدود ما تسمح به الجهة الدائنة. وإن تغيّرت ظروفك "
            "رغمًا عنك، كفقد العمل أو المرض، فأرفق ما يثبت ذلك لنعرض الأمر على الجهة الدائنة."
        ),
        answer_en=(
            "Tell us how things are, even before you are late. We agree a plan of instalments with you within what the "
            "creditor allows. If things changed against your will, by the loss of work or illness, add what shows it, "
            "and we put it before the creditor."
        ),
    ),
)
