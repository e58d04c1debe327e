"""The policy of complaints as it is shipped: the principles of source 002 (clause 2) in the house's words. Pure."""

from __future__ import annotations

TITLE_AR, TITLE_EN = "سياسة التعامل مع الشكاوى", "How we deal with complaints"
BODY_AR = """كل عدم رضا عن عملنا شكوى، مكتوبًا كان أو شفهيًا، مبررًا كان أو غير مبرر. نسجّله ونردّ عليه، ولا يُضارّ أحد لأنه اشتكى.

الوضوح: كيف تُقدَّم الشكوى وأين معلن للجميع بالعربية والإنجليزية، ومذكور في كل خطاب نرسله.

سهولة الوصول: تُقبل الشكوى حضورًا وبالهاتف وبالبريد الإلكتروني ومن الموقع دون حساب، ومن أي تواصل معنا. وهي مجانية.

الاستجابة: يصل رقم مرجعي فور التسجيل مع موعد الرد، وإشعار بالرسائل النصية والبريد عند كل خطوة. تُغلق الشكوى المكتملة خلال 11 يوم عمل، ويُردّ على الاستفسار خلال 24 ساعة، والأقصر من المدد النظامية مقدَّم.

الموضوعية: لا يعالج الشكوى من اشتُكي منه، ولا يبتّ فيها عند الاعتراض من بتّ فيها قبل. وكل نتيجة تُبنى على أدلة محفوظة وتُذكر أسبابها.

السرية: لا يطّلع على الشكوى إلا من يعالجها، وكل اطلاع على ما هو سري يُسجَّل.

التوقف: الاعتراض على مبلغ يوقف التذكير به إلى أن يُبتّ فيه، وللكفيل كذلك.

التصعيد: من لم يقتنع انتقلت شكواه إلى مدير الإدارة ثم المدير العام، ثم إلى الجهات الخارجية التي يسميها خطاب النتيجة.

التحسين: تُدرس أسباب الشكاوى المتكررة كل شهر، وتُقترح لها حلول ويُتابع تنفيذها، ويُسأل صاحب الشكوى عن رضاه بعد إغلاقها.

وعلى كل من يعمل هنا أن يسجّل ما يسمعه من شكوى في وقته، وألا يَعِد بنتيجة قبل دراستها، وأن يوجّه صاحبها إلى ما يتابعها به."""  # noqa: E501 - a text of paragraphs
BODY_EN = """Any dissatisfaction with our work is a complaint, written or spoken, justified or not. We register it and answer it, and nobody is worse off for having complained.

Clarity: how and where to complain is public, in Arabic and English, and named in every letter we send.

Access: a complaint is taken in person, by phone, by e-mail, on the site without an account, and from any contact with us. It costs nothing.

Response: a reference number comes as soon as it is registered, with the date of our answer, and a notice by SMS and e-mail at each step. A complete complaint is closed within 11 working days, an enquiry answered within 24 hours; where the law gives us less, that holds.

Objectivity: nobody handles a complaint about themselves, and after a disagreement nobody decides who decided before. Every result stands on evidence that is kept, and gives its reasons.

Confidentiality: a complaint is seen by those who handle it alone, and every look at what is confidential is written down.

Standstill: an objection to an amount stops the reminders of it until it is decided, for a guarantor too.

Escalation: who does not agree goes to the head of the department, then to the general manager, then to the outside bodies that the letter of the result names.

Improvement: the causes of repeated complaints are studied every month, solutions are proposed and followed, and whoever complained is asked after closing how satisfied they are.

Everybody who works here writes down a complaint when they hear it, promises no result before it was studied, and tells the person how to follow it."""  # noqa: E501 - a text of paragraphs
